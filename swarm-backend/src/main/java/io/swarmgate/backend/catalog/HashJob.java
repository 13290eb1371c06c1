package io.swarmgate.backend.catalog;

import static io.swarmgate.backend.metainfo.Metainfo.HASH_LENGTH;

import io.swarmgate.backend.metainfo.HashedFile;
import io.swarmgate.backend.metainfo.MetainfoMaker;
import io.swarmgate.backend.system.FileGuard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hashes one file and logs how it goes. */
final class HashJob implements MetainfoMaker.Progress {
  private static final Logger LOG = LoggerFactory.getLogger(HashJob.class);

  /** Log lines are this many per cent apart. */
  private static final int STEP = 10;

  /** Makes a file's hashes; {@link MetainfoMaker#hash} but for tests. */
  @FunctionalInterface
  interface Hasher {
    HashedFile hash(Path file, MetainfoMaker.Progress progress) throws IOException;
  }

  private final PublishedEntry entry;
  private final BooleanSupplier wanted;
  private final MetainfoCache cache;
  private long logged;

  /**
   * Takes what is to be hashed.
   *
   * @param wanted asked now and then; false gives up
   * @param cache keeps how far it has come, for another run
   */
  HashJob(PublishedEntry entry, BooleanSupplier wanted, MetainfoCache cache) {
    this.entry = entry;
    this.wanted = wanted;
    this.cache = cache;
  }

  HashedFile run(Hasher hasher) throws IOException {
    LOG.info("Hashing {}: {} bytes", entry.path(), entry.file().length());
    HashedFile hashed = hasher.hash(entry.file().path(), this);
    LOG.info("Hashed {}", entry.path());
    return hashed;
  }

  @Override
  public boolean hashed(long hashed, long length) {
    entry.hashed().set(hashed);
    long percent = hashed * 100 / length;
    if (percent < 100 && percent >= logged + STEP) {
      logged = percent - percent % STEP;
      LOG.info("Hashing {}: {} %", entry.path(), logged);
    }
    return wanted.getAsBoolean();
  }

  @Override
  public byte[] known(FileGuard guard) {
    byte[] known = cache.findHalf(entry.path(), guard);
    if (known.length > 0) {
      LOG.info("Hashing {}: {} pieces are known", entry.path(), known.length / HASH_LENGTH);
    }
    return known;
  }

  @Override
  public void keep(FileGuard guard, byte[] hashes) {
    cache.keepHalf(entry.path(), guard, hashes);
  }
}
