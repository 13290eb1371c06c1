package io.swarmgate.backend.swarm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * How much a root seed has on its way to receivers that ask at the same moment: no more than keeps
 * the line busy until they announce what they got. What is handed to kernels beyond that arrives no
 * sooner, and whatever a reader is blocked on waits behind it. A HAVE tells that all that was sent
 * before has arrived too. A sole receiver has no limit.
 *
 * <p>Owned by the loop; never asks a clock.
 */
final class SendWindow {
  private static final long MILLI = 1_000_000;

  /** Two pieces of usual size: one on the line, and one while the first is checked. */
  private static final double LEAST = 2 << 20;

  /** Beyond bandwidth x delay, for a loop that is busy. */
  private static final long SPARE = 50 * MILLI;

  /** Whoever announces nothing for this long, and for so many usual delays, is slow or mute. */
  private static final long OVERDUE = 300 * MILLI;

  private static final int DELAYS = 4;

  /** All that a receiver asked of a piece, and how much it had been sent then. */
  private record End(int piece, long sent) {}

  private static final class Line {
    final Holds.Receiver receiver;
    final Deque<End> ends = new ArrayDeque<>();
    long sent;
    long arrived;
    long progressAt;
    long leastDelay = Long.MAX_VALUE;

    Line(Holds.Receiver receiver) {
      this.receiver = receiver;
    }

    long onTheWay() {
      return sent - arrived;
    }

    boolean isOverdue(long now) {
      long usual = Math.max(OVERDUE, DELAYS * receiver.haveDelay());
      return now - progressAt > Math.min(Holds.MOST_PATIENCE, usual);
    }

    /** Twice bandwidth x delay, so that a rate that the window keeps low can grow. */
    double bandwidthDelay() {
      long delay = leastDelay == Long.MAX_VALUE ? 0 : leastDelay;
      return receiver.uploadRate() * (2 * delay + SPARE) / 1e9;
    }
  }

  private final Map<Holds.Receiver, Line> lines = new HashMap<>();

  /** A peer wants pieces. */
  void joined(Holds.Receiver receiver) {
    lines.computeIfAbsent(receiver, Line::new);
  }

  /** It wants none any more, or has gone. */
  void left(Holds.Receiver receiver) {
    lines.remove(receiver);
  }

  /** Whether a piece may be begun to a receiver now. */
  boolean hasRoom(Holds.Receiver to, long now) {
    Line line = lines.get(to);
    if (line == null || lines.size() == 1 || line.onTheWay() == 0 && lines.size() == 2) {
      return true;
    }
    if (line.onTheWay() >= Math.max(1, line.bandwidthDelay()) && !line.isOverdue(now)) {
      return false;
    }
    double onTheWay = 0;
    double enough = 0;
    for (Line each : lines.values()) {
      enough += each.bandwidthDelay();
      onTheWay += each.isOverdue(now) ? 0 : each.onTheWay();
    }
    return onTheWay < Math.max(LEAST, enough);
  }

  /** Bytes of a piece are handed to a receiver's kernel. */
  void sent(Holds.Receiver to, long bytes, long now) {
    Line line = lines.get(to);
    if (line != null) {
      if (line.onTheWay() == 0) {
        line.progressAt = now;
      }
      line.sent += bytes;
    }
  }

  /** All that a receiver asked of a piece has been handed over. */
  void ended(Holds.Receiver to, int piece) {
    Line line = lines.get(to);
    if (line != null) {
      line.ends.add(new End(piece, line.sent));
    }
  }

  /** A receiver announces a piece; {@code delay} since its end was handed over, 0 if unknown. */
  void announced(Holds.Receiver by, int piece, long delay, long now) {
    Line line = lines.get(by);
    if (line == null || line.ends.stream().noneMatch(end -> end.piece == piece)) {
      return;
    }
    if (delay > 0) {
      line.leastDelay = Math.min(line.leastDelay, delay);
    }
    for (End end = line.ends.poll(); end != null; end = line.ends.poll()) {
      line.arrived = end.sent;
      if (end.piece == piece) {
        break;
      }
    }
    line.progressAt = now;
  }
}
