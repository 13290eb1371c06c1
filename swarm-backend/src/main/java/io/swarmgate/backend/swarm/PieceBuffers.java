package io.swarmgate.backend.swarm;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory in which pieces are put together before they are verified: direct buffers, reused, all
 * torrents together within a budget. Thread-safe.
 */
final class PieceBuffers {
  private final long budget;
  private final Map<Integer, ArrayDeque<ByteBuffer>> free = new HashMap<>();
  private long lent;
  private long idle;

  /**
   * @param budget most bytes lent at a time to pieces that nobody is blocked on
   */
  PieceBuffers(long budget) {
    this.budget = budget;
  }

  /**
   * Lends a buffer of {@code capacity} bytes, or null if the budget is used up.
   *
   * @param urgent a reader is blocked on it: half as much again may be lent
   */
  synchronized @Nullable ByteBuffer borrow(int capacity, boolean urgent) {
    long limit = urgent ? budget + budget / 2 : budget;
    // A piece longer than the whole budget must still be possible, alone.
    if (lent > 0 && lent + capacity > limit) {
      return null;
    }
    lent += capacity;
    ArrayDeque<ByteBuffer> sameSize = free.get(capacity);
    ByteBuffer buffer = sameSize == null ? null : sameSize.poll();
    if (buffer != null) {
      idle -= capacity;
      return buffer.clear();
    }
    dropIdle(limit - lent);
    return ByteBuffer.allocateDirect(capacity);
  }

  /** Takes a buffer back. */
  synchronized void giveBack(ByteBuffer buffer) {
    lent -= buffer.capacity();
    if (lent + idle + buffer.capacity() <= budget) {
      idle += buffer.capacity();
      free.computeIfAbsent(buffer.capacity(), size -> new ArrayDeque<>()).push(buffer);
    }
  }

  private void dropIdle(long allowed) {
    if (idle > allowed) {
      free.clear();
      idle = 0;
    }
  }
}
