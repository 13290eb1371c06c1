package io.swarmgate.backend.origin;

import java.time.Duration;

/**
 * How long to wait before something that failed is tried again: twice as long each time, up to a
 * bound, and at random so that many don't try at once. Pure.
 *
 * @param first after the first failure, on average
 * @param most on average, after however many
 */
record Backoff(Duration first, Duration most) {
  private static final int MAX_DOUBLINGS = 20;

  /**
   * The wait: from half to one and a half of the average.
   *
   * @param failures in a row so far, at least 1
   * @param random in {@code [0, 1)}
   */
  Duration pause(int failures, double random) {
    long average =
        Math.min(most.toNanos(), first.toNanos() << Math.min(MAX_DOUBLINGS, failures - 1));
    return Duration.ofNanos((long) (average * (0.5 + random)));
  }
}
