package io.swarmgate.backend.swarm;

import java.util.concurrent.TimeUnit;

/**
 * A token bucket for the bytes sent to peers, all torrents together. Sending may overdraw it by
 * what one turn takes; then nothing is sent until that is made up for. Owned by the loop.
 */
final class UploadLimit {
  private static final double NANOS = 1e9;

  /** The bucket holds what comes in this part of a second, so that bursts stay short. */
  private static final int BURSTS_PER_SECOND = 20;

  private static final int LEAST_BURST = 16 << 10;

  private final long bytesPerSecond;
  private final long burst;
  private double tokens;
  private long filledAt;

  /**
   * @param bytesPerSecond 0: no limit
   */
  UploadLimit(long bytesPerSecond, long now) {
    this.bytesPerSecond = bytesPerSecond;
    burst = Math.max(LEAST_BURST, bytesPerSecond / BURSTS_PER_SECOND);
    tokens = burst;
    filledAt = now;
  }

  /** Bytes that may be sent now; 0 or less for none. */
  long available(long now) {
    if (bytesPerSecond == 0) {
      return Long.MAX_VALUE;
    }
    tokens = Math.min(burst, tokens + (now - filledAt) / NANOS * bytesPerSecond);
    filledAt = now;
    return (long) tokens;
  }

  void spend(long bytes) {
    if (bytesPerSecond != 0) {
      tokens -= bytes;
    }
  }

  /** Milliseconds until something may be sent, at least 1. */
  long waitMillis(long now) {
    double missing = LEAST_BURST / 2.0 - available(now);
    return Math.max(
        1, TimeUnit.NANOSECONDS.toMillis((long) (missing * NANOS / Math.max(1, bytesPerSecond))));
  }
}
