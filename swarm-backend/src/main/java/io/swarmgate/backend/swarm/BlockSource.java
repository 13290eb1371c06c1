package io.swarmgate.backend.swarm;

/** A peer as the picker sees it. Used on the loop only. */
interface BlockSource {
  /** Whether it says it has a piece. */
  boolean has(int piece);

  /**
   * Whether what it gives costs the publisher: the root seed, or a foreign seed. Asked for what no
   * other peer has.
   */
  boolean isRoot();

  /** Whether it can be relied on now: it doesn't choke us and is neither silent nor slow. */
  boolean isGiving(long now);

  /** Withdraws a request made to it. */
  void cancel(int piece, int block);

  /** Nanoseconds after which an unanswered request to it counts as late. */
  long patience();

  /**
   * Nanoseconds in which it can be expected to answer; {@link Long#MAX_VALUE} if it can't be relied
   * on now.
   */
  long promptness(long now);
}
