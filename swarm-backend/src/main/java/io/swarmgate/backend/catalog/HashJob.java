package io.swarmgate.backend.catalog;

import io.swarmgate.backend.metainfo.HashedFile;
import io.swarmgate.backend.metainfo.MetainfoMaker;
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
  private long logged;

  /**
   * Takes what is to be hashed.
   *
   * @param wanted asked now and then; false gives up
   */
  HashJob(PublishedEntry entry, BooleanSupplier wanted) {
    this.entry = entry;
    this.wanted = wanted;
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
}
