package io.swarmgate.backend.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Makes room under the quota. One thread evicts at a time, under this object's lock, which is taken
 * before any other of the store's; whoever only reserves doesn't need it.
 */
final class Room {
  /** Lingering bytes past this part of the quota nudge the garbage collector: 5 %. */
  private static final int PART = 20;

  /** What is freed at a time where freeing takes a garbage collection, if it is more than 5 %. */
  private static final long BATCH = 256L << 20;

  private static final int MOST_OF_SMALL = 4;

  private static final long MAX_WAIT = TimeUnit.SECONDS.toNanos(2);
  private static final long MIN_NUDGE_INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

  /** Nudges take at most about this part of the time, however large the heap is. */
  private static final int NUDGE_SHARE = 10;

  private final Ledger ledger;
  private final Victims victims;
  private final StoreOptions options;
  private final long batch;
  private long nudgeInterval = MIN_NUDGE_INTERVAL;
  private long nudgedAt = System.nanoTime() - MIN_NUDGE_INTERVAL;

  Room(StoreOptions options) {
    this.options = options;
    this.ledger = new Ledger(options.max());
    this.victims = new Victims(options.max());
    long part = options.max() / PART;
    this.batch =
        options.mapped() ? Math.max(part, Math.min(BATCH, options.max() / MOST_OF_SMALL)) : part;
  }

  Ledger ledger() {
    return ledger;
  }

  Victims victims() {
    return victims;
  }

  /**
   * Reserves bytes, evicting what is coldest. Blocks while extents are unlinked, and for 2 s at
   * most while unlinked ones are still mapped.
   *
   * @throws StoreFullException if nothing more can be evicted
   */
  void reserve(long bytes) throws IOException {
    if (!ledger.tryReserve(bytes)) {
      List<Dropped> dropped = new ArrayList<>();
      try {
        makeRoom(bytes, dropped);
      } finally {
        dropped.forEach(Dropped::tell);
      }
    }
  }

  /** Evicts down to the quota, which may have been lowered since the last start. */
  synchronized void trim() {
    evict(ledger.live() - ledger.max(), new ArrayList<>());
  }

  private synchronized void makeRoom(long bytes, List<Dropped> dropped) throws IOException {
    long end = System.nanoTime() + MAX_WAIT;
    long target = ledger.max() - Math.max(bytes, batch);
    while (!ledger.tryReserve(bytes)) {
      if (target < 0) {
        throw full(bytes);
      }
      if (evict(ledger.live() - target, dropped)) {
        if (ledger.lingering() > ledger.max() / PART) {
          nudge();
        }
      } else if (ledger.lingering() == 0) {
        throw full(bytes);
      } else {
        nudge();
        long now = System.nanoTime();
        if (awaitRoom(bytes, Math.min(nudgeInterval, end - now))) {
          return;
        } else if (now >= end) {
          throw full(bytes);
        }
      }
    }
  }

  /** Only a garbage collection unmaps before Java 22; none may come by itself for a long time. */
  private void nudge() {
    long now = System.nanoTime();
    if (now - nudgedAt >= nudgeInterval) {
      System.gc();
      nudgedAt = System.nanoTime();
      nudgeInterval = Math.max(MIN_NUDGE_INTERVAL, NUDGE_SHARE * (nudgedAt - now));
    }
  }

  private boolean awaitRoom(long bytes, long nanos) throws InterruptedIOException {
    try {
      return ledger.awaitRoom(bytes, nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for room");
    }
  }

  private StoreFullException full(long bytes) {
    return new StoreFullException(
        "the quota has no room for "
            + bytes
            + " bytes: "
            + ledger.used()
            + " of "
            + ledger.max()
            + " are used, "
            + ledger.lingering()
            + " of them by evicted extents that are still mapped");
  }

  private boolean evict(long bytes, List<Dropped> dropped) {
    int before = dropped.size();
    long left = bytes;
    while (left > 0) {
      List<Extent> coldest = victims.coldest(left, options::isBusy);
      if (coldest.isEmpty()) {
        break;
      }
      for (Extent extent : coldest) {
        Dropped one = extent.torrent.drop(extent, false);
        // Null if a reader or writer was quicker; then it is busy, and not named again.
        if (one != null) {
          dropped.add(one);
          left -= extent.footprint.bytes();
        }
      }
    }
    return dropped.size() > before;
  }
}
