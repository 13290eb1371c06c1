package io.swarmgate.filter.node;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a node is being emptied: balancers are told to send nobody new, what runs goes on, and so
 * does seeding. Thread-safe.
 */
final class Drain {
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);
  private static final long LOOK_MILLIS = 50;

  private final IntSupplier responses;
  private volatile boolean on;

  /** Takes how many responses are under way. */
  Drain(IntSupplier responses) {
    this.responses = responses;
  }

  boolean isOn() {
    return on;
  }

  void set(boolean to) {
    if (on != to) {
      LOG.info(
          "{}; {} responses are under way", to ? "Draining" : "Not draining", responses.getAsInt());
    }
    on = to;
  }

  /**
   * Waits until no response is under way.
   *
   * @return how many are left after {@code most}; 0 if it was long enough
   */
  int await(Duration most) {
    long end = System.nanoTime() + most.toNanos();
    try {
      while (responses.getAsInt() > 0 && System.nanoTime() - end < 0) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    int left = responses.getAsInt();
    if (left > 0) {
      LOG.warn("{} responses are aborted, which still ran after {}", left, most);
    }
    return left;
  }
}
