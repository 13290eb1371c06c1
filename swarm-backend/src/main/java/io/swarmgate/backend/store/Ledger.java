package io.swarmgate.backend.store;

import java.util.concurrent.TimeUnit;

/**
 * The quota's account, and the only authority on it: bytes are reserved here before they are
 * written. Counts the bytes of pieces on disk; the few bytes about them (metainfo, maps) are not.
 * Thread-safe; its lock is the innermost.
 */
final class Ledger {
  /** Of the quota, the part that may be mapped where unmapping takes a garbage collection. */
  private static final long MAPPED_QUARTERS = 3;

  private final long max;
  private final long mappable;
  private long mapped;
  private long used;
  private long lingering;

  Ledger(long max) {
    this.max = max;
    this.mappable = Mapper.get().isPrompt() ? Long.MAX_VALUE : max / 4 * MAPPED_QUARTERS;
  }

  long max() {
    return max;
  }

  /** Bytes on disk, lingering ones included. */
  synchronized long used() {
    return used;
  }

  /** Bytes of extents that are unlinked but still mapped, so that the disk still holds them. */
  synchronized long lingering() {
    return lingering;
  }

  /** Bytes that eviction can still free. */
  synchronized long live() {
    return used - lingering;
  }

  /**
   * Allows some bytes to be mapped, or not. Where it takes a garbage collection to unmap, a quarter
   * of the quota stays unmapped, so that room can be made there without waiting for one.
   */
  synchronized boolean tryMap(long bytes) {
    if (bytes > mappable - mapped) {
      return false;
    }
    mapped += bytes;
    return true;
  }

  synchronized void unmap(long bytes) {
    mapped -= bytes;
  }

  /** Bytes that must be freed before so many can be reserved. */
  synchronized long lacking(long bytes) {
    return used + bytes - max;
  }

  synchronized boolean tryReserve(long bytes) {
    if (used + bytes > max) {
      return false;
    }
    used += bytes;
    return true;
  }

  /** Accounts for what was found on disk, even beyond the quota. */
  synchronized void found(long bytes) {
    used += bytes;
  }

  synchronized void release(long bytes) {
    used -= bytes;
    notifyAll();
  }

  synchronized void linger(long bytes) {
    lingering += bytes;
  }

  synchronized void releaseLingering(long bytes) {
    lingering -= bytes;
    release(bytes);
  }

  /**
   * Reserves as soon as there is room.
   *
   * @return false if there was none within {@code nanos}
   */
  synchronized boolean awaitRoom(long bytes, long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    while (!tryReserve(bytes)) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }
}
