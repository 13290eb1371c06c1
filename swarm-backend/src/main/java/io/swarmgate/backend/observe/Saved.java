package io.swarmgate.backend.observe;

/**
 * What a node delivered in some time, and what it took of its origins for that.
 *
 * @param delivered bytes of origins' content that clients got
 * @param fetched bytes that origins sent
 */
public record Saved(long delivered, long fetched) {
  /** Nothing yet. */
  public static final Saved NOTHING = new Saved(0, 0);

  /** Bytes that origins would have had to send besides; never negative. */
  public long saved() {
    return Math.max(0, delivered - fetched);
  }

  /** {@link #saved} as a part of what was delivered, from 0 to 1; 0 if that was nothing. */
  public double ratio() {
    return delivered == 0 ? 0 : (double) saved() / delivered;
  }

  Saved plus(Saved other) {
    return new Saved(delivered + other.delivered, fetched + other.fetched);
  }
}
