package io.swarmgate.backend.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The longest that a reader may wait for its next byte: {@code maxStall}, what a piece takes from
 * the origin, the engine's tick, and what this machine adds because it has other things to do. That
 * is measured while the test runs, as jHiccup does: a thread wakes every 2 ms, and how late it came
 * at most is what any thread may have waited for a processor, or for a garbage collection.
 * Thread-safe.
 */
public final class StallBound implements AutoCloseable {
  /** How often the engine looks whether a wait has become too long. */
  private static final Duration TICK = Duration.ofMillis(50);

  /**
   * Threads that follow each other from the end of a stall to the next byte: the loop, who asks the
   * origin, the HTTP client's, the origin's acceptor and handler, the HTTP client's selector and
   * executor, who hashes, the loop again, who wakes, and one or two of the reader's.
   */
  private static final int HAND_OVERS = 12;

  /** How often each of them may wait for a processor: to begin, and when it loses it meanwhile. */
  private static final int WAITS = 2;

  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final Duration maxStall;
  private final AtomicLong latest = new AtomicLong();
  private final AtomicLong origin = new AtomicLong();
  private volatile boolean closed;

  private StallBound(Duration maxStall) {
    this.maxStall = maxStall;
  }

  /** Begins to measure. */
  public static StallBound watch(Duration maxStall) {
    StallBound bound = new StallBound(maxStall);
    Thread thread = new Thread(bound::measure, "stall-bound");
    thread.setDaemon(true);
    thread.start();
    return bound;
  }

  private void measure() {
    while (!closed) {
      long due = System.nanoTime() + PERIOD_NANOS;
      LockSupport.parkNanos(PERIOD_NANOS);
      latest.accumulateAndGet(System.nanoTime() - due, Math::max);
    }
  }

  /** Notes how long a piece took from the origin, or within it; the longest counts. */
  public void originTook(Duration time) {
    origin.accumulateAndGet(time.toNanos(), Math::max);
  }

  /**
   * Fails if a reader had to wait for longer.
   *
   * @param gap its longest wait, all of it since this began to measure
   */
  public void check(Duration gap) {
    Duration late = Duration.ofNanos(latest.get());
    Duration took = Duration.ofNanos(origin.get());
    assertThat(gap)
        .as("a wait; the origin took %s, threads came up to %s late", took, late)
        .isLessThanOrEqualTo(
            maxStall.plus(TICK).plus(took).plus(late.multipliedBy(HAND_OVERS * WAITS)));
  }

  @Override
  public void close() {
    closed = true;
  }
}
