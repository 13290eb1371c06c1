package io.swarmgate.backend.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.InvalidMetainfoException;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.system.FileGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads .torrent files. Few stay decoded, however many there are: the last ones asked for, up to 16
 * MiB of them. Blocks on the disk; thread-safe.
 */
final class TorrentFiles {
  private static final Logger LOG = LoggerFactory.getLogger(TorrentFiles.class);

  /** Bytes of .torrent files whose metainfo is kept decoded. */
  private static final long DECODED = 16L << 20;

  /** Bytes of a .torrent file beyond which it is taken for something else. */
  private static final long MAX_SIZE = 32L << 20;

  private final MetainfoCodec codec;
  private final Cache<Path, Decoded> decoded =
      Caffeine.newBuilder()
          .maximumWeight(DECODED)
          .<Path, Decoded>weigher((file, entry) -> entry.weight())
          .executor(Runnable::run)
          .build();

  /**
   * One state of a file.
   *
   * @param metainfo null if there is none in it that can be served
   */
  private record Decoded(FileGuard guard, @Nullable Metainfo metainfo) {
    int weight() {
      return metainfo == null ? 1 : (int) guard.size();
    }
  }

  TorrentFiles(MetainfoCodec codec) {
    this.codec = codec;
  }

  /**
   * What a file says; empty if that can't be served, which is logged once for each of its states.
   *
   * @param guard what the file looks like
   * @throws IOException if it can't be read, or no longer looks like that
   */
  Optional<Metainfo> read(Path file, FileGuard guard) throws IOException {
    Decoded known = decoded.getIfPresent(file);
    if (known == null || !known.guard().equals(guard)) {
      known = new Decoded(guard, decode(file, guard));
      decoded.put(file, known);
    }
    return Optional.ofNullable(known.metainfo());
  }

  /**
   * The info-hash of what a file says, as {@link #read}; nothing is kept, so that a look through
   * all files doesn't push out those that are asked for.
   */
  Optional<InfoHash> infoHash(Path file, FileGuard guard) throws IOException {
    Decoded known = decoded.getIfPresent(file);
    Metainfo metainfo =
        known != null && known.guard().equals(guard) ? known.metainfo() : decode(file, guard);
    return Optional.ofNullable(metainfo).map(Metainfo::infoHash);
  }

  private @Nullable Metainfo decode(Path file, FileGuard guard) throws IOException {
    if (guard.size() > MAX_SIZE) {
      LOG.warn("{} is not served: expected at most {} bytes, got {}", file, MAX_SIZE, guard.size());
      return null;
    }
    byte[] bytes = Files.readAllBytes(file);
    guard.check(file);
    try {
      return codec.decode(bytes);
    } catch (InvalidMetainfoException e) {
      LOG.warn("{} is not served: {}", file, e.getMessage());
      return null;
    }
  }
}
