package io.swarmgate.backend.swarm;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The memory in which pieces are put together before they are verified: direct buffers, reused, all
 * torrents together within a budget. Thread-safe.
 */
final class PieceBuffers {
  /** What waits to be checked may take this part of the budget. */
  private static final int BEHIND = 8;

  private final long budget;
  private final Map<Integer, ArrayDeque<ByteBuffer>> free = new HashMap<>();
  private final Set<Runnable> waiting = new LinkedHashSet<>();
  private long lent;

  /** Of what is lent: complete, their hash being checked, or being written to the store. */
  private long checking;

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
   * @param whenFreed run once, if null is returned, by whoever gives a buffer back; those who wait
   *     are told in turn, so that no torrent starves
   */
  synchronized @Nullable ByteBuffer borrow(int capacity, boolean urgent, Runnable whenFreed) {
    long limit = urgent ? budget + budget / 2 : budget;
    // Fetching more than the disk keeps up with fills memory that was never touched before.
    boolean behind = !urgent && checking > Math.max(budget / BEHIND, 2L * capacity);
    // A piece longer than the whole budget must still be possible, alone.
    if (behind || (lent > 0 && lent + capacity > limit)) {
      waiting.add(whenFreed);
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

  /** The piece in a buffer is complete; {@link #checked} gives the buffer back. */
  synchronized void complete(ByteBuffer buffer) {
    checking += buffer.capacity();
  }

  /** Takes a buffer back whose piece was complete. */
  void checked(ByteBuffer buffer) {
    synchronized (this) {
      checking -= buffer.capacity();
    }
    giveBack(buffer);
  }

  /** Whether somebody waits for memory. */
  synchronized boolean isShort() {
    return !waiting.isEmpty();
  }

  /** Takes a buffer back. */
  void giveBack(ByteBuffer buffer) {
    Runnable next = takeBack(buffer);
    if (next != null) {
      next.run();
    }
  }

  private synchronized @Nullable Runnable takeBack(ByteBuffer buffer) {
    lent -= buffer.capacity();
    if (lent + idle + buffer.capacity() <= budget) {
      idle += buffer.capacity();
      free.computeIfAbsent(buffer.capacity(), size -> new ArrayDeque<>()).push(buffer);
    }
    Iterator<Runnable> first = waiting.iterator();
    if (!first.hasNext()) {
      return null;
    }
    Runnable next = first.next();
    first.remove();
    return next;
  }

  private void dropIdle(long allowed) {
    if (idle > allowed) {
      free.clear();
      idle = 0;
    }
  }
}
