package io.swarmgate.backend.swarm;

/** Bytes per second, averaged over about the last second. Not thread-safe. */
final class RateMeter {
  private static final double NANOS = 1e9;

  private double rate;
  private long pending;
  private long since;

  RateMeter(long now) {
    since = now;
  }

  void add(long bytes, long now) {
    pending += bytes;
    long elapsed = now - since;
    if (elapsed >= 20_000_000) {
      double weight = Math.min(1, elapsed / NANOS * 2);
      rate += weight * (pending * NANOS / elapsed - rate);
      pending = 0;
      since = now;
    }
  }

  double bytesPerSecond() {
    return rate;
  }
}
