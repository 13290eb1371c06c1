package io.swarmgate.backend.swarm;

/** A peer as the picker sees it. Used on the loop only. */
interface BlockSource {
  /** Whether it says it has a piece. */
  boolean has(int piece);

  /** Withdraws a request made to it. */
  void cancel(int piece, int block);

  /** Nanoseconds after which an unanswered request to it counts as late. */
  long patience();
}
