package io.swarmgate.backend.catalog;

import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.status.FileStatus;
import io.swarmgate.backend.store.GuardedFile;
import io.swarmgate.backend.system.FileGuard;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One version of one published file. Immutable but for the count.
 *
 * @param firstSeen when it was first seen looking like this
 * @param hashed bytes hashed so far
 * @param seeding its torrent; null until it is hashed
 */
record PublishedEntry(
    UrlPath path,
    GuardedFile file,
    Instant firstSeen,
    AtomicLong hashed,
    @Nullable Seeding seeding) {

  /**
   * What a file is once it is hashed.
   *
   * @param unkept its metainfo, if that could not be kept on disk; else null
   * @param representation how it is served, the same for all
   */
  record Seeding(
      TorrentFacts facts,
      @Nullable Metainfo unkept,
      Torrents.Use use,
      PublishedRepresentation representation) {}

  static PublishedEntry found(UrlPath path, GuardedFile file, Instant now) {
    return new PublishedEntry(path, file, now, new AtomicLong(), null);
  }

  PublishedEntry seeded(Seeding by) {
    return new PublishedEntry(path, file, firstSeen, hashed, by);
  }

  FileGuard guard() {
    return file.guard();
  }

  FileStatus status() {
    Seeding now = seeding;
    return now == null
        ? new FileStatus(path.decoded(), file.length(), null, hashed.get())
        : new FileStatus(path.decoded(), file.length(), now.facts().infoHash(), file.length());
  }
}
