package io.swarmgate.backend.origin;

/**
 * How much of one generation may be fetched from its origin because peers are slow: two pieces, and
 * 2 % of what was delivered. Keeps slowness from turning into a stampede. Thread-safe.
 */
final class PieceBudget {
  private static final int PIECES = 2;
  private static final int PERCENT = 2;

  private final long base;
  private long delivered;
  private long taken;

  PieceBudget(int pieceLength) {
    base = (long) PIECES * pieceLength;
  }

  /** Notes bytes that readers were given. */
  synchronized void delivered(long bytes) {
    delivered += bytes;
  }

  /** Gives back what was taken and not used. */
  synchronized void giveBack(long bytes) {
    taken -= bytes;
  }

  /** Takes bytes if there are so many left. */
  synchronized boolean take(long bytes) {
    boolean enough = taken + bytes <= base + delivered / 100 * PERCENT;
    if (enough) {
      taken += bytes;
    }
    return enough;
  }
}
