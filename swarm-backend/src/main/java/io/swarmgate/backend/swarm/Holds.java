package io.swarmgate.backend.swarm;

import java.util.HashMap;
import java.util.Map;

/**
 * Whom a root seed sends which piece, so that each piece leaves it about once however many ask at
 * the same moment: to one receiver at a time, and to the next only if the first doesn't get on.
 * Whoever is passed over is served its next piece, and gets this one from the first receiver as
 * soon as that announces it. Plain BEP 3: a client that knows nothing of this waits a little.
 *
 * <p>Owned by the loop; never asks a clock. Most figures were found by simulation.
 */
final class Holds {
  private static final long MILLI = 1_000_000;

  /**
   * A socket that takes nothing for this long is a receiver that doesn't get on. Simulated with 150
   * ms; a kernel takes bytes in steps of a megabyte or so, which on a line shared by six lasts
   * longer.
   */
  private static final long STALL = 1_000 * MILLI;

  /** From a receiver's HAVE on: time for the others to ask it, and to cancel here. */
  private static final long GRACE = 250 * MILLI;

  /**
   * From the last byte handed to the kernel on: time for the HAVE, for a receiver not yet known.
   */
  private static final long FIRST_PATIENCE = 1_000 * MILLI;

  private static final long LEAST_PATIENCE = 100 * MILLI;

  /** Whatever a receiver's delay seems to be: well below the time that readers wait at most. */
  static final long MOST_PATIENCE = 5_000 * MILLI;

  /** A receiver that would need longer, and is this many times slower than who waits, gives way. */
  private static final long SLOW = 1_000 * MILLI;

  private static final int SLOWER = 4;

  /** A peer as its uploads go. */
  interface Receiver {
    /** Bytes a second that it has been taking lately; 0 if unknown. */
    double uploadRate();

    /** Nanoseconds from the last byte of a piece to its HAVE, as measured; 0 if unknown. */
    long haveDelay();
  }

  private static final class Hold {
    final Receiver receiver;
    final long length;
    long sent;
    long refusedAt;
    long drainedAt;
    long haveAt;

    Hold(Receiver receiver, long length) {
      this.receiver = receiver;
      this.length = length;
    }
  }

  private final Map<Integer, Hold> holds = new HashMap<>();
  private final SendWindow window = new SendWindow();

  /** A peer wants pieces. */
  void joined(Receiver receiver) {
    window.joined(receiver);
  }

  /** Whether a piece is under way to this very peer. */
  boolean isUnderWay(int piece, Receiver to) {
    Hold hold = holds.get(piece);
    return hold != null && hold.receiver == to;
  }

  /** Whether a piece may be sent to a peer now. */
  boolean maySend(int piece, Receiver to, long now) {
    Hold hold = holds.get(piece);
    if (hold != null && hold.receiver == to) {
      return true;
    }
    return (hold == null || hasEnded(hold, now) || isTooSlow(hold, to)) && window.hasRoom(to, now);
  }

  private static boolean hasEnded(Hold hold, long now) {
    if (hold.haveAt != 0) {
      return now - hold.haveAt >= GRACE;
    }
    if (hold.drainedAt != 0) {
      long known = hold.receiver.haveDelay();
      long patience = known == 0 ? FIRST_PATIENCE : Math.max(LEAST_PATIENCE, 3 * known);
      return now - hold.drainedAt >= Math.min(MOST_PATIENCE, patience);
    }
    return hold.refusedAt != 0 && now - hold.refusedAt >= STALL;
  }

  private static boolean isTooSlow(Hold hold, Receiver waiting) {
    double rate = hold.receiver.uploadRate();
    double left = Math.max(0, hold.length - hold.sent);
    return hold.haveAt == 0
        && rate > 0
        && left / rate * 1e9 > SLOW
        && waiting.uploadRate() > SLOWER * rate;
  }

  /** Notes that some of a piece has been handed to the kernel for a peer. */
  void sent(int piece, long length, long bytes, Receiver to, long now) {
    Hold hold = holds.get(piece);
    if (hold == null || hold.receiver != to) {
      hold = new Hold(to, length);
      holds.put(piece, hold);
    }
    hold.sent += bytes;
    window.sent(to, bytes, now);
    hold.refusedAt = 0;
    hold.drainedAt = 0;
  }

  /** Notes that a peer's socket takes no more of a piece for now. */
  void refused(int piece, Receiver to, long now) {
    Hold hold = holds.get(piece);
    if (hold != null && hold.receiver == to && hold.refusedAt == 0) {
      hold.refusedAt = now;
    }
  }

  /** Notes that all that a peer asked of a piece has been handed to the kernel. */
  void drained(int piece, Receiver to, long now) {
    Hold hold = holds.get(piece);
    if (hold != null && hold.receiver == to && hold.drainedAt == 0) {
      hold.drainedAt = now;
      window.ended(to, piece);
    }
  }

  /**
   * Notes that a peer has announced a piece.
   *
   * @return nanoseconds since the last byte for it was handed to the kernel; 0 if it didn't come
   *     whole from here, for then it was waiting for others
   */
  long announced(int piece, Receiver by, long now) {
    Hold hold = holds.get(piece);
    long delay = 0;
    if (hold != null && hold.receiver == by && hold.haveAt == 0) {
      hold.haveAt = now;
      boolean whole = hold.drainedAt != 0 && hold.sent >= hold.length;
      delay = whole ? Math.max(1, now - hold.drainedAt) : 0;
    }
    window.announced(by, piece, delay, now);
    return delay;
  }

  /** Forgets a peer that has gone: what was under way to it may start anew at once. */
  void gone(Receiver receiver) {
    holds.values().removeIf(hold -> hold.receiver == receiver);
    window.left(receiver);
  }

  /** Notes that a peer wants nothing any more. */
  void left(Receiver receiver) {
    window.left(receiver);
  }

  /** Forgets what has ended. */
  void tidy(long now) {
    holds.values().removeIf(hold -> hasEnded(hold, now));
  }

  int size() {
    return holds.size();
  }
}
