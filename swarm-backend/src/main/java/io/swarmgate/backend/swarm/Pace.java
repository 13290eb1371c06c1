package io.swarmgate.backend.swarm;

/**
 * How a peer answers requests: how long a block takes to come, how far apart blocks come, and so
 * whether it can be relied on. Owned by the loop; never asks a clock.
 */
final class Pace {
  private static final long MIN_PATIENCE_NANOS = 300_000_000L;

  /** Blocks come in bursts where lines are shared, so that a shorter silence means nothing. */
  private static final long SILENT_NANOS = 1_000_000_000L;

  /** A root that holds pieces for others may be silent for longer. */
  private static final long ROOT_PATIENCE_NANOS = 2_000_000_000L;

  /** A peer that owes blocks and sends none for so long is none to wait for any longer. */
  private static final long QUIET_NANOS = 500_000_000L;

  private static final int GAPS_OF_SILENCE = 8;

  /** Blocks that come farther apart, 128 KiB a second, make a peer one to be asked last. */
  private static final long SLOW_NANOS = 125_000_000L;

  private static final long PASSED_OVER_NANOS = 5_000_000_000L;

  private final ResponseTime responseTime = new ResponseTime();
  private double gap;
  private long lastBlock;
  private boolean onTrial;

  /** Whether it owes nothing, or never did; not while requests are only withdrawn. */
  private boolean settled = true;

  private long quietFrom;
  private long passedOverUntil;

  /** It is asked for a block and owed none before: silence is counted from here on. */
  void begins(long now) {
    lastBlock = now;
    if (settled) {
      settled = false;
      quietFrom = now;
    }
  }

  /** It has sent all that it was asked for. */
  void settled() {
    settled = true;
  }

  /** A block has come that was asked for. */
  void answered(long askedAt, long now) {
    gap += (now - Math.max(lastBlock, askedAt) - gap) / 8;
    lastBlock = now;
    quietFrom = now;
    onTrial = false;
    responseTime.add(now - askedAt);
  }

  /** It is silent: it isn't relied on for a while. */
  void passOver(long now) {
    onTrial = true;
    passedOverUntil = now + PASSED_OVER_NANOS;
  }

  /** Whether it was passed over and nothing has come since. */
  boolean isOnTrial() {
    return onTrial;
  }

  /** Whether it was passed over a short while ago. */
  boolean isPassedOver(long now) {
    return now - passedOverUntil < 0;
  }

  /** Whether its blocks came far apart lately; it is tried again after a while. */
  boolean isSlow(long now) {
    return gap > SLOW_NANOS && now - lastBlock < PASSED_OVER_NANOS;
  }

  /** Whether a peer that owes blocks has sent none for much longer than it used to take. */
  boolean isSilent(boolean root, long now) {
    long least = root ? ROOT_PATIENCE_NANOS : SILENT_NANOS;
    long usual = Math.max((long) (GAPS_OF_SILENCE * gap), 3 * responseTime.least());
    return now - lastBlock > Math.max(least, usual);
  }

  /**
   * Whether a peer has owed blocks for a while and sent none, however long it used to take. It is
   * no less so when those are taken back and it is asked for others.
   */
  boolean isQuiet(long now) {
    return !settled && now - quietFrom > QUIET_NANOS;
  }

  /** Nanoseconds after which an unanswered request counts as late. */
  long patience() {
    return Math.max(MIN_PATIENCE_NANOS, responseTime.bound());
  }

  /** Nanoseconds between blocks, smoothed; 0 if none has come. */
  double gap() {
    return gap;
  }

  /** Nanoseconds that the quickest answer took; 0 if there is none. */
  long leastResponse() {
    return responseTime.least();
  }
}
