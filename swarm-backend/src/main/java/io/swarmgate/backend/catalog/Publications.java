package io.swarmgate.backend.catalog;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.store.GuardedFile;
import io.swarmgate.backend.store.PublishedFile;
import io.swarmgate.backend.system.FileGuard;
import io.swarmgate.backend.system.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A site's published files. One thread, the owner, makes every change; entries may be read by any
 * thread.
 */
final class Publications implements Hashing.Owner, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Publications.class);

  private final SiteConfig site;
  private final DocumentRoot root;
  private final MetainfoCache cache;
  private final Torrents torrents;
  private final PublisherSetup setup;
  private final Map<UrlPath, PublishedEntry> entries = new ConcurrentHashMap<>();
  private final Hashing hashing;
  private final RootScan scan;
  private final ScheduledExecutorService owner;
  private boolean lookingAgain;

  /**
   * Publishes nothing before {@link #start}.
   *
   * @param crew hashes; shared with other sites
   */
  Publications(
      SiteConfig site,
      DocumentRoot root,
      MetainfoCache cache,
      Torrents torrents,
      HashCrew crew,
      PublisherSetup setup) {
    this.site = site;
    this.root = root;
    this.cache = cache;
    this.torrents = torrents;
    this.setup = setup;
    this.hashing = new Hashing(this, setup, crew, cache);
    this.scan =
        new RootScan(site.id(), root, path -> site.rank(path.decoded()).isPresent(), this, setup);
    this.owner =
        Executors.newSingleThreadScheduledExecutor(
            Workers.threads("publisher-" + site.id(), Thread.NORM_PRIORITY));
  }

  /** Looks for files now, and watches for changes from here on. */
  void start() {
    scan.start();
  }

  @Override
  public Optional<PublishedEntry> find(UrlPath path) {
    return Optional.ofNullable(entries.get(path));
  }

  Collection<PublishedEntry> all() {
    return entries.values();
  }

  /** Lets a file be hashed before those that are asked for less. */
  void raise(UrlPath path) {
    tell(
        () -> {
          hashing.raise(path);
          hashNext();
        });
  }

  /**
   * Whether what is known of a path is what is there, so that no {@link #refresh} is needed. Looks
   * at the file.
   *
   * @param file what is under that path now
   */
  boolean isCurrent(UrlPath path, Optional<Path> file) {
    Optional<FileGuard> now = file.flatMap(this::guard);
    return now.equals(find(path).map(PublishedEntry::guard));
  }

  /**
   * Looks at a path again: what is not as it was is taken out of its swarm before this completes.
   * Completes with the file as it is now; empty if there is none to publish.
   */
  CompletionStage<Optional<PublishedEntry>> refresh(UrlPath path) {
    try {
      return CompletableFuture.supplyAsync(() -> look(path, root.resolve(path)), owner);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedStage(Optional.empty());
    }
  }

  private Optional<PublishedEntry> look(UrlPath path, Optional<Path> file) {
    PublishedEntry known = entries.get(path);
    Optional<FileGuard> guard = file.flatMap(this::guard);
    if (known != null && guard.isPresent() && known.guard().equals(guard.get())) {
      return Optional.of(known);
    }
    if (known != null) {
      drop(known);
      if (guard.isPresent()) {
        torrents
            .observer()
            .changed(site.id(), path.decoded(), "it was replaced, and is hashed again");
      }
    }
    if (guard.isEmpty()) {
      if (known != null) {
        LOG.info("No longer published: {}", path);
        torrents.observer().changed(site.id(), path.decoded(), "it is gone, or can't be read");
        cache.forget(path);
      }
      return Optional.empty();
    }
    GuardedFile content = new GuardedFile(file.orElseThrow(), guard.get(), setup.mapped());
    content.onChange(() -> tell(() -> look(path, root.resolve(path))));
    return Optional.of(add(PublishedEntry.found(path, content, setup.clock().instant())));
  }

  /** What a file looks like; empty if it can't be read or is too small to be published. */
  private Optional<FileGuard> guard(Path file) {
    try {
      FileGuard guard = FileGuard.of(file);
      return guard.size() >= Math.max(1, site.minSize()) ? Optional.of(guard) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private PublishedEntry add(PublishedEntry entry) {
    Optional<TorrentFacts> facts = cache.find(entry.path(), entry.guard());
    if (facts.isPresent()) {
      return seed(entry, facts.get(), null);
    }
    entries.put(entry.path(), entry);
    hashing.add(entry);
    hashNext();
    return entry;
  }

  /**
   * The metainfo of a hashed file. Blocks on the disk. If it is lost, this is empty, and the file
   * is hashed again.
   */
  Optional<Metainfo> metainfo(PublishedEntry entry) {
    PublishedEntry.Seeding seeding = entry.seeding();
    return seeding == null ? Optional.empty() : metainfo(entry, seeding.facts(), seeding.unkept());
  }

  private Optional<Metainfo> metainfo(
      PublishedEntry entry, TorrentFacts facts, @Nullable Metainfo unkept) {
    Optional<Metainfo> loaded = load(entry, facts, unkept);
    if (loaded.isEmpty()) {
      tell(() -> hashAgain(entry, facts));
    }
    return loaded;
  }

  private Optional<Metainfo> load(
      PublishedEntry entry, TorrentFacts facts, @Nullable Metainfo unkept) {
    return unkept != null ? Optional.of(unkept) : cache.load(entry.path(), entry.guard(), facts);
  }

  private void hashAgain(PublishedEntry lost, TorrentFacts facts) {
    PublishedEntry now = entries.get(lost.path());
    PublishedEntry.Seeding seeding = now == null ? null : now.seeding();
    if (now != null && seeding != null && seeding.facts() == facts) {
      LOG.warn("Hashing {} again, its kept metainfo is gone", lost.path());
      drop(now);
      cache.forget(now.path());
      add(PublishedEntry.found(now.path(), now.file(), now.firstSeen()));
    }
  }

  private PublishedEntry seed(PublishedEntry entry, TorrentFacts facts, @Nullable Metainfo unkept) {
    GuardedFile file = entry.file();
    Torrents.Use use =
        torrents
            .use(facts.infoHash(), file, () -> open(entry, facts, unkept), () -> {})
            .toCompletableFuture()
            .join();
    file.hashed(() -> load(entry, facts, unkept));
    PublishedEntry seeded =
        entry.seeded(
            new PublishedEntry.Seeding(
                facts, unkept, use, PublishedRepresentation.of(entry.path(), file, facts)));
    entries.put(entry.path(), seeded);
    return seeded;
  }

  private PublishedFile open(PublishedEntry entry, TorrentFacts facts, @Nullable Metainfo unkept) {
    return metainfo(entry, facts, unkept)
        .map(metainfo -> new PublishedFile(entry.file(), metainfo))
        .orElseThrow(() -> new IllegalStateException(entry.path() + ": its metainfo is gone"));
  }

  private void drop(PublishedEntry entry) {
    hashing.remove(entry.path());
    PublishedEntry.Seeding seeding = entry.seeding();
    if (seeding != null) {
      // The old file isn't offered once the new one, or that there is none, is known: a request
      // that still finds the entry sees that the file differs, and waits for this thread. Blocks of
      // it can't leave in any case, since each is checked.
      seeding.use().release().toCompletableFuture().join();
    }
    entries.remove(entry.path());
    // Responses under way may still need them, and the next version's take their place.
    entry.file().keepHashes();
    entry.file().close();
  }

  /** Lets hashing go on, and comes back to files that may still be growing. */
  private void hashNext() {
    hashing.next();
    // There is no such timer while there are none.
    if (!hashing.awaitsQuiet() || lookingAgain) {
      return;
    }
    lookingAgain = true;
    var unused =
        owner.schedule(
            () -> {
              lookingAgain = false;
              for (UrlPath path : hashing.waiting()) {
                look(path, root.resolve(path));
              }
              hashNext();
            },
            setup.settling().quiet().toMillis() / 2,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public void hashed(PublishedEntry entry, Optional<Metainfo> metainfo) {
    // It may have been replaced while it was hashed.
    if (isWanted(entry) && metainfo.isPresent()) {
      Metainfo made = metainfo.get();
      boolean kept = cache.keep(entry.path(), entry.guard(), made);
      seed(entry, TorrentFacts.of(made), kept ? null : made);
    }
    hashNext();
  }

  @Override
  public boolean isWanted(PublishedEntry entry) {
    PublishedEntry now = entries.get(entry.path());
    return now != null && now.seeding() == null && now.guard().equals(entry.guard());
  }

  @Override
  public void tell(Runnable event) {
    try {
      owner.execute(event);
    } catch (RejectedExecutionException e) {
      LOG.debug("Site {} is closed", site.id());
    }
  }

  @Override
  public void close() {
    scan.close();
    hashing.close();
    owner.shutdownNow();
    Workers.end(owner);
  }
}
