package io.swarmgate.backend.catalog;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.observe.Provenance;
import io.swarmgate.backend.site.MetainfoAccess;
import io.swarmgate.backend.site.MetainfoContent;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.status.FileStatus;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A site's document root: its files served from disk, hashed, and seeded. */
final class Publisher implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
  private static final Outcome NEXT = new Outcome.Next();

  private final DocumentRoot root;
  private final Publications publications;
  private final MetainfoAccess access;
  private final Executor disk;

  /**
   * Takes its parts.
   *
   * @param disk where blocking looks at files run
   */
  Publisher(DocumentRoot root, Publications publications, MetainfoAccess access, Executor disk) {
    this.root = root;
    this.publications = publications;
    this.access = access;
    this.disk = disk;
  }

  @Override
  public void start() {
    publications.start();
  }

  @Override
  public CompletionStage<Outcome> open(SiteRequest request) {
    Outcome unchanged = unchanged(request);
    if (unchanged != null) {
      return CompletableFuture.completedStage(unchanged);
    }
    try {
      return CompletableFuture.supplyAsync(() -> decide(request), disk)
          .thenCompose(stage -> stage)
          .exceptionally(
              e -> {
                LOG.warn("Could not open {}: {}", request.path(), e.toString());
                return NEXT;
              });
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedStage(NEXT);
    }
  }

  /**
   * A hashed file that its path still leads to, as it was hashed. One system call, as each slice of
   * it takes on the same thread; all else has to be looked for, elsewhere.
   */
  private @Nullable Outcome unchanged(SiteRequest request) {
    PublishedEntry entry = publications.find(request.path()).orElse(null);
    return !request.metainfo()
            && entry != null
            && entry.seeding() != null
            && root.leadsTo(request.path(), entry.guard())
        ? outcome(request, entry)
        : null;
  }

  private CompletionStage<Outcome> decide(SiteRequest request) {
    if (request.metainfo()
        && (root.resolve(request.asked()).isPresent() || !access.allows(request.view()))) {
      return CompletableFuture.completedStage(NEXT);
    }
    return current(request).thenApply(entry -> entry.map(e -> outcome(request, e)).orElse(NEXT));
  }

  /** The file as it is on disk now. */
  private CompletionStage<Optional<PublishedEntry>> current(SiteRequest request) {
    return publications.isCurrent(request.path(), root.resolve(request.path()))
        ? CompletableFuture.completedStage(publications.find(request.path()))
        : publications.refresh(request.path());
  }

  private Outcome outcome(SiteRequest request, PublishedEntry entry) {
    PublishedEntry.Seeding seeding = entry.seeding();
    if (seeding == null) {
      publications.raise(entry.path());
      return request.metainfo()
          ? NEXT
          : new Outcome.Serve(PublishedRepresentation.unhashed(entry.file()));
    }
    if (request.metainfo()) {
      Optional<Metainfo> metainfo = publications.metainfo(entry);
      return metainfo.<Outcome>map(m -> new Outcome.Serve(MetainfoContent.of(m))).orElse(NEXT);
    }
    return new Outcome.Serve(seeding.representation());
  }

  @Override
  public String role() {
    return "publisher";
  }

  @Override
  public Provenance provenance() {
    return Provenance.CONTENT;
  }

  @Override
  public List<FileStatus> files() {
    return publications.all().stream().map(PublishedEntry::status).toList();
  }

  @Override
  public void close() {
    publications.close();
  }
}
