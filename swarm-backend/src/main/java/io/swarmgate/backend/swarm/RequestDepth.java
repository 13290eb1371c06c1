package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.PieceLayout;

/**
 * How many blocks to keep under way from a peer: as many as its bandwidth and delay take. Owned by
 * the loop; never asks a clock.
 */
final class RequestDepth {
  /** Few, for all that a node has asked of us waits in front of what it asks next. */
  private static final int MIN_DEPTH = 16;

  private static final int LEAST_DEPTH = 8;

  /** Blocks under way to keep beyond bandwidth x delay, as nanoseconds of the peer's rate. */
  private static final double SPARE_NANOS = 50_000_000;

  /** A slow peer is asked for no more than it sends in this time: a reader may come to need it. */
  private static final double QUEUE_NANOS = 2e9;

  private final Pace pace;
  private final PeerProfile profile;
  private final RateMeter rate;

  /** Requests to keep under way as long as a new connection speeds up; then 0. */
  private int slowStart = MIN_DEPTH;

  RequestDepth(Pace pace, PeerProfile profile, long now) {
    this.pace = pace;
    this.profile = profile;
    rate = new RateMeter(now);
  }

  /** How many blocks to keep under way. */
  int blocks() {
    if (pace.isOnTrial()) {
      // Few, to see whether it is back; of a root, some that it doesn't hold for others.
      return profile.holdsPieces() ? MIN_DEPTH : 1;
    }
    int allowed = profile.extensions().requests();
    if (profile.holdsPieces()) {
      // It passes over what it holds for others, so all that is wanted can be asked at once.
      return allowed / 2;
    }
    double blocks = rate.bytesPerSecond() / PieceLayout.BLOCK;
    double wanted = MIN_DEPTH + blocks * enoughNanos() / 1e9;
    double gap = pace.gap();
    double most = gap > 0 ? Math.max(LEAST_DEPTH, QUEUE_NANOS / gap) : Double.MAX_VALUE;
    return (int) Math.min(Math.min(allowed, Math.max(wanted, slowStart)), most);
  }

  /** How long a block may take to come before more requests only make it take longer. */
  private double enoughNanos() {
    return 2 * pace.leastResponse() + SPARE_NANOS;
  }

  /**
   * A block has come; the pace knows of it. As TCP does: one more with each block until answers
   * slow down, for a rate needs time.
   */
  void answered(long took, int bytes, long now) {
    if (slowStart > 0) {
      slowStart = took > enoughNanos() ? 0 : slowStart + 1;
    }
    rate.add(bytes, now);
  }
}
