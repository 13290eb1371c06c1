package io.swarmgate.backend.catalog;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.content.FileGuard;
import io.swarmgate.backend.metainfo.HashedFile;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.site.Workers;
import io.swarmgate.backend.store.GuardedFile;
import io.swarmgate.backend.store.PublishedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A site's published files and the queue of those to be hashed. One thread, the owner, makes every
 * change; another, of low priority, hashes one file at a time. Entries may be read by any thread.
 */
final class Publications implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Publications.class);

  private final SiteConfig site;
  private final DocumentRoot root;
  private final MetainfoCache cache;
  private final Torrents torrents;
  private final PublisherSetup setup;
  private final Clock clock;
  private final Map<UrlPath, PublishedEntry> entries = new ConcurrentHashMap<>();

  /** Paths to be hashed, the most wanted first. */
  private final Deque<UrlPath> pending = new ArrayDeque<>();

  private final ScheduledExecutorService owner;
  private final ExecutorService hasher;
  private boolean hashing;
  private boolean lookingAgain;
  private volatile boolean closed;

  Publications(
      SiteConfig site,
      DocumentRoot root,
      MetainfoCache cache,
      Torrents torrents,
      PublisherSetup setup) {
    this.site = site;
    this.root = root;
    this.cache = cache;
    this.torrents = torrents;
    this.setup = setup;
    this.clock = setup.clock();
    this.owner =
        Executors.newSingleThreadScheduledExecutor(
            Workers.threads("publisher-" + site.id(), Thread.NORM_PRIORITY));
    this.hasher =
        Executors.newSingleThreadExecutor(
            Workers.threads("hasher-" + site.id(), Thread.MIN_PRIORITY));
  }

  /** Scans now and from then on at the set interval. */
  void start() {
    var unused =
        owner.scheduleWithFixedDelay(
            this::scan, 0, setup.rescan().toMillis(), TimeUnit.MILLISECONDS);
  }

  Optional<PublishedEntry> find(UrlPath path) {
    return Optional.ofNullable(entries.get(path));
  }

  Collection<PublishedEntry> all() {
    return entries.values();
  }

  /** Lets a file be hashed before the others. */
  void raise(UrlPath path) {
    tell(
        () -> {
          if (pending.remove(path)) {
            pending.addFirst(path);
          }
          hashNext();
        });
  }

  /**
   * Looks at a path again: what is not as it was is taken out of its swarm before this completes.
   * Completes with the file as it is now; empty if there is none to publish.
   */
  CompletionStage<Optional<PublishedEntry>> refresh(UrlPath path) {
    return CompletableFuture.supplyAsync(() -> look(path, root.resolve(path)), owner);
  }

  /** Never throws, or there would be no further scan. */
  private void scan() {
    Map<UrlPath, Path> seen = new HashMap<>();
    try {
      root.walk(path -> site.rank(path.decoded()).isPresent(), seen::put);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Site {}: could not look through its content: {}", site.id(), e.toString());
      return;
    }
    Set<UrlPath> all = new HashSet<>(seen.keySet());
    all.addAll(entries.keySet());
    for (UrlPath path : all) {
      try {
        look(path, Optional.ofNullable(seen.get(path)));
      } catch (RuntimeException e) {
        LOG.warn("Site {}: could not publish {}", site.id(), path, e);
      }
    }
    hashNext();
  }

  private Optional<PublishedEntry> look(UrlPath path, Optional<Path> file) {
    PublishedEntry known = entries.get(path);
    Optional<FileGuard> guard = file.flatMap(this::guard);
    if (known != null && guard.isPresent() && known.guard().equals(guard.get())) {
      return Optional.of(known);
    }
    if (known != null) {
      drop(known);
    }
    if (guard.isEmpty()) {
      if (known != null) {
        LOG.info("No longer published: {}", path);
        cache.forget(path);
      }
      return Optional.empty();
    }
    GuardedFile content = new GuardedFile(file.orElseThrow(), guard.get(), setup.mapped());
    return Optional.of(add(PublishedEntry.found(path, content, clock.instant())));
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
    pending.addLast(entry.path());
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
    if (unkept != null) {
      return Optional.of(unkept);
    }
    Optional<Metainfo> loaded = cache.load(entry.path(), entry.guard(), facts);
    if (loaded.isEmpty()) {
      tell(() -> hashAgain(entry, facts));
    }
    return loaded;
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
    pending.remove(entry.path());
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
    pending.remove(entry.path());
    PublishedEntry.Seeding seeding = entry.seeding();
    if (seeding != null) {
      // No block of the old file may leave once the new one, or that there is none, is known: a
      // request that still finds the entry sees that the file differs, and waits for this thread.
      seeding.use().release().toCompletableFuture().join();
    }
    entries.remove(entry.path());
    entry.file().close();
  }

  /** Starts on the first pending file that has stopped growing. */
  private void hashNext() {
    if (hashing || closed) {
      return;
    }
    for (UrlPath path : pending) {
      PublishedEntry entry = entries.get(path);
      if (entry != null
          && setup.settling().isSettled(entry.guard(), entry.firstSeen(), clock.instant())) {
        pending.remove(path);
        hashing = true;
        hasher.execute(() -> hash(entry));
        return;
      }
    }
    lookAgain();
  }

  /** Comes back to files that are still growing; there is no such timer while there are none. */
  private void lookAgain() {
    if (pending.isEmpty() || lookingAgain) {
      return;
    }
    lookingAgain = true;
    var unused =
        owner.schedule(
            () -> {
              lookingAgain = false;
              for (UrlPath path : pending.toArray(new UrlPath[0])) {
                look(path, root.resolve(path));
              }
              hashNext();
            },
            setup.settling().quiet().toMillis() / 2,
            TimeUnit.MILLISECONDS);
  }

  private void hash(PublishedEntry entry) {
    Optional<Metainfo> metainfo = Optional.empty();
    try {
      HashedFile hashed = new HashJob(entry, () -> !closed && isCurrent(entry)).run(setup.hasher());
      // What was hashed must be what was seen; if not, the next look finds it new.
      metainfo =
          hashed.guard().equals(entry.guard())
              ? Optional.of(setup.encode(entry.path(), hashed))
              : Optional.empty();
    } catch (IOException | RuntimeException e) {
      if (!(e instanceof CancellationException)) {
        LOG.warn("Could not hash {}: {}", entry.path(), e.toString());
      }
    }
    Optional<Metainfo> made = metainfo;
    tell(() -> hashed(entry, made));
  }

  private void hashed(PublishedEntry entry, Optional<Metainfo> metainfo) {
    hashing = false;
    // It may have been replaced while it was hashed.
    if (isCurrent(entry) && metainfo.isPresent()) {
      Metainfo made = metainfo.get();
      boolean kept = cache.keep(entry.path(), entry.guard(), made);
      seed(entry, TorrentFacts.of(made), kept ? null : made);
    }
    hashNext();
  }

  /** Whether an entry's version is still the one that is published, and still to be hashed. */
  private boolean isCurrent(PublishedEntry entry) {
    PublishedEntry now = entries.get(entry.path());
    return now != null && now.seeding() == null && now.guard().equals(entry.guard());
  }

  private void tell(Runnable event) {
    try {
      owner.execute(event);
    } catch (RejectedExecutionException e) {
      LOG.debug("Site {} is closed", site.id());
    }
  }

  @Override
  public void close() {
    closed = true;
    owner.shutdownNow();
    Workers.end(hasher);
    Workers.end(owner);
  }
}
