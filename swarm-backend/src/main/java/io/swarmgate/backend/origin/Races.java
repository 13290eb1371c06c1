package io.swarmgate.backend.origin;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * How a swarm did lately with pieces that it was late with, and which its origin was asked for or
 * would have been. Thread-safe.
 */
final class Races {
  /** Races that are remembered. */
  private static final int KEPT = 8;

  /** Those among them that a slow swarm loses. */
  private static final int LOST_BY_SLOW = 6;

  /** How long a race says something. */
  private static final Duration RECENT = Duration.ofMinutes(1);

  private final Clock clock;
  private int results;
  private int count;
  private Instant last = Instant.MIN;

  Races(Clock clock) {
    this.clock = clock;
  }

  /**
   * Notes a race.
   *
   * @param lost whether the swarm was still without the piece when the origin had it, or when it
   *     may not be asked
   */
  synchronized void ended(boolean lost) {
    Instant now = clock.instant();
    if (!isRecent(now)) {
      count = 0;
      results = 0;
    }
    last = now;
    count = Math.min(KEPT, count + 1);
    results = (results << 1 | (lost ? 1 : 0)) & ((1 << KEPT) - 1);
  }

  /** Whether the swarm loses nearly every race. */
  synchronized boolean isSwarmSlow() {
    return count == KEPT && Integer.bitCount(results) >= LOST_BY_SLOW && isRecent(clock.instant());
  }

  private boolean isRecent(Instant now) {
    return now.isBefore(last.plus(RECENT));
  }
}
