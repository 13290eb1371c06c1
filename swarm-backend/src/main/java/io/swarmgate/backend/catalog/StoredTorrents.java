package io.swarmgate.backend.catalog;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.system.FileGuard;
import io.swarmgate.backend.system.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a catalogue's torrents known to the engine for as long as the store has pieces of them, so
 * that peers find them whether or not a client asks for their URLs. They cost a map entry each and
 * sleep; their metainfo is read for the info-hash and not kept. One thread of its own looks through
 * the directory, at the start and then every so often.
 */
final class StoredTorrents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoredTorrents.class);

  /** Time between two looks: how long peers are still served a torrent that was taken out. */
  static final Duration RESCAN = Duration.ofMinutes(1);

  private final DocumentRoot root;
  private final TorrentFiles torrentFiles;
  private final Supplier<Set<InfoHash>> stored;
  private final User user;
  private final Duration rescan;
  private final ScheduledExecutorService owner;

  /** Of the owner: each .torrent file as it was last seen. */
  private final Map<Path, Seen> seen = new HashMap<>();

  /** Makes a torrent known; blocks until it is. */
  @FunctionalInterface
  interface User {
    Torrents.Use use(Path torrent, InfoHash infoHash);
  }

  /**
   * A .torrent file.
   *
   * @param infoHash null if it can't be served
   * @param use null while no piece of it is stored
   */
  private record Seen(FileGuard guard, @Nullable InfoHash infoHash, Torrents.@Nullable Use use) {
    Seen using(Torrents.@Nullable Use other) {
      return new Seen(guard, infoHash, other);
    }
  }

  /**
   * Takes its parts; looks at nothing before it is started.
   *
   * @param stored the torrents of which pieces are stored
   */
  StoredTorrents(
      String site,
      DocumentRoot root,
      TorrentFiles torrentFiles,
      Supplier<Set<InfoHash>> stored,
      User user,
      Duration rescan) {
    this.root = root;
    this.torrentFiles = torrentFiles;
    this.stored = stored;
    this.user = user;
    this.rescan = rescan;
    this.owner =
        Executors.newSingleThreadScheduledExecutor(
            Workers.threads("catalog-" + site, Thread.MIN_PRIORITY));
  }

  void start() {
    var unused =
        owner.scheduleWithFixedDelay(this::scan, 0, rescan.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void scan() {
    try {
      Set<InfoHash> now = stored.get();
      Set<Path> there = new HashSet<>();
      // Without pieces there is nothing to look for.
      if (!now.isEmpty()) {
        root.walk(
            path -> path.decoded().endsWith(SiteRequest.METAINFO_SUFFIX),
            (path, file) -> {
              there.add(file);
              look(file, now);
            });
      }
      for (Path gone : Set.copyOf(seen.keySet())) {
        if (!there.contains(gone)) {
          release(seen.remove(gone));
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("Could not look through the catalogue: {}", e.toString());
    }
  }

  private void look(Path file, Set<InfoHash> now) {
    // A node that stops must not go through thousands of files first.
    if (owner.isShutdown()) {
      return;
    }
    try {
      FileGuard guard = FileGuard.of(file);
      Seen known = seen.get(file);
      if (known == null || !known.guard().equals(guard)) {
        Optional<InfoHash> infoHash = torrentFiles.infoHash(file, guard);
        release(known);
        known = new Seen(guard, infoHash.orElse(null), null);
      }
      InfoHash infoHash = known.infoHash();
      if (infoHash != null && now.contains(infoHash)) {
        known = known.use() != null ? known : known.using(user.use(file, infoHash));
      } else if (known.use() != null) {
        release(known);
        known = known.using(null);
      }
      seen.put(file, known);
    } catch (IOException e) {
      LOG.debug("{} is looked at again later: {}", file, e.toString());
    }
  }

  private static void release(@Nullable Seen dropped) {
    if (dropped != null && dropped.use() != null) {
      dropped.use().release();
    }
  }

  /** Ends the looking; the torrents stay known until the engine closes. */
  @Override
  public void close() {
    owner.shutdown();
    Workers.end(owner);
  }
}
