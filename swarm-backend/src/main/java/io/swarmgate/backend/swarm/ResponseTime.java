package io.swarmgate.backend.swarm;

/**
 * How long a peer takes from a request to its block: smoothed, with its deviation, as TCP does it
 * (RFC 6298), and the least, which is about the round trip. Nanoseconds. Owned by the loop.
 */
final class ResponseTime {
  private double smoothed;
  private double deviation;
  private long least = Long.MAX_VALUE;

  void add(long nanos) {
    least = Math.min(least, nanos);
    if (smoothed == 0) {
      smoothed = nanos;
      deviation = nanos / 2.0;
    } else {
      deviation += (Math.abs(nanos - smoothed) - deviation) / 4;
      smoothed += (nanos - smoothed) / 8;
    }
  }

  /** The least so far; 0 if there is none. */
  long least() {
    return least == Long.MAX_VALUE ? 0 : least;
  }

  /** What an answer hardly ever exceeds; 0 if there is none yet. */
  long bound() {
    return (long) (smoothed + 4 * deviation);
  }
}
