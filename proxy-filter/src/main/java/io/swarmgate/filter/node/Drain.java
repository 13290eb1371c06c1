package io.swarmgate.filter.node;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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
  private final BooleanSupplier closed;
  private volatile boolean on;

  /**
   * Takes what it depends on.
   *
   * @param responses how many are under way
   * @param closed whether there is nothing to wait for any more
   */
  Drain(IntSupplier responses, BooleanSupplier closed) {
    this.responses = responses;
    this.closed = closed;
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
   * Waits until no response is under way, the draining was ended, or the node was closed, but for
   * no longer than {@code most}.
   */
  void await(Duration most) {
    long end = System.nanoTime() + most.toNanos();
    try {
      while (isWaiting() && System.nanoTime() - end < 0) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (isWaiting()) {
      LOG.warn("{} responses still run after {}", responses.getAsInt(), most);
    }
  }

  private boolean isWaiting() {
    return on && !closed.getAsBoolean() && responses.getAsInt() > 0;
  }
}
