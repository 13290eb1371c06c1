package io.swarmgate.backend.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once that pieces can't be kept, however many are refused, and once that they can again. They
 * can when one was kept and none was refused for 10 s, so that a disk on the brink doesn't fill the
 * log too. Thread-safe.
 */
final class WriteTrouble {
  private static final Logger LOG = LoggerFactory.getLogger(WriteTrouble.class);
  private static final long QUIET = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier clock;
  private long refused;
  private long refusedAt;
  private volatile boolean lasting;
  private volatile String latest = "";

  /** Takes a clock that counts nanoseconds from any origin. */
  WriteTrouble(LongSupplier clock) {
    this.clock = clock;
  }

  /** Notes that a piece was refused. An interrupt is no trouble of the disk's. */
  void refused(IOException e) {
    if (e instanceof ClosedByInterruptException || e instanceof InterruptedIOException) {
      return;
    }
    boolean first;
    latest = String.valueOf(e.getMessage());
    synchronized (this) {
      refused++;
      refusedAt = clock.getAsLong();
      first = !lasting;
      lasting = true;
    }
    if (first) {
      LOG.warn(
          "Pieces are not kept until this is over, and are fetched anew each time: {}",
          e.toString());
    }
  }

  /** Why pieces are refused, if they are. */
  Optional<String> reason() {
    return lasting ? Optional.of(latest) : Optional.empty();
  }

  /** Notes that a piece was kept. */
  void kept() {
    if (!lasting) {
      return;
    }
    long count;
    synchronized (this) {
      if (!lasting || clock.getAsLong() - refusedAt < QUIET) {
        return;
      }
      lasting = false;
      count = refused;
      refused = 0;
    }
    LOG.warn("Pieces are kept again; {} were not", count);
  }
}
