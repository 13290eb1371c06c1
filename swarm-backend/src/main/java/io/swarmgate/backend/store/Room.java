package io.swarmgate.backend.store;

import io.swarmgate.backend.observe.Observer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

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

  /** What follows a garbage collection, until what it unmapped is counted. */
  private static final long AFTER_NUDGE = TimeUnit.MILLISECONDS.toNanos(150);

  /** Nudges take at most about this part of the time, however large the heap is. */
  private static final int NUDGE_SHARE = 10;

  private static final long MIN_NUDGE_INTERVAL = NUDGE_SHARE * AFTER_NUDGE;

  private final Ledger ledger;
  private final Victims victims;
  private final StoreOptions options;
  private final WriteTrouble trouble;
  private final long batch;
  private volatile Observer observer = Observer.NONE;
  private long nudgeInterval = MIN_NUDGE_INTERVAL;
  private long nudgedAt = System.nanoTime() - MIN_NUDGE_INTERVAL;

  Room(StoreOptions options) {
    this.options = options;
    this.ledger = new Ledger(options.max());
    this.victims = new Victims(options.max());
    this.trouble = new WriteTrouble(options.clock());
    long part = options.max() / PART;
    this.batch =
        options.mapped() && !Mapper.get().isPrompt()
            ? Math.max(part, Math.min(BATCH, options.max() / MOST_OF_SMALL))
            : part;
  }

  /** Names who is told of what was evicted to make room. */
  void watch(Observer told) {
    observer = told;
  }

  Ledger ledger() {
    return ledger;
  }

  Victims victims() {
    return victims;
  }

  WriteTrouble trouble() {
    return trouble;
  }

  /**
   * Reserves bytes, evicting what is coldest; where that is still mapped and so frees nothing yet,
   * also what is coldest of the rest. Blocks while extents are unlinked; only while nothing else
   * can be evicted, for 2 s at most, until what was is unmapped.
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
        dropped.forEach(one -> observer.evicted(one.torrent().name(), one.pieces().cardinality()));
      }
    }
  }

  /** Evicts down to the quota, which may have been lowered since the last start. */
  synchronized void trim() {
    evict(ledger.live() - ledger.max(), options::isBusy, new ArrayList<>());
  }

  private synchronized void makeRoom(long bytes, List<Dropped> dropped) throws IOException {
    long target = ledger.max() - Math.max(bytes, batch);
    while (!ledger.tryReserve(bytes)) {
      if (target < 0) {
        throw full(bytes);
      }
      boolean evicted = evict(ledger.live() - target, options::isBusy, dropped);
      if (ledger.lingering() > ledger.max() / PART && nudge() && awaitRoom(bytes, AFTER_NUDGE)) {
        return;
      }
      if (!evicted
          && !evict(ledger.lacking(bytes), e -> e.isMapped() || options.isBusy(e), dropped)) {
        awaitUnmapped(bytes);
        return;
      }
    }
  }

  private void awaitUnmapped(long bytes) throws IOException {
    if (ledger.lingering() > 0) {
      // Whatever it costs: the alternative is to refuse.
      collect();
      long end = System.nanoTime() + MAX_WAIT;
      for (long left = MAX_WAIT; left > 0; left = end - System.nanoTime()) {
        if (awaitRoom(bytes, Math.min(nudgeInterval, left))) {
          return;
        }
        nudge();
      }
    }
    throw full(bytes);
  }

  /**
   * Only a garbage collection unmaps before Java 22; none may come by itself for a long time.
   *
   * @return whether there was one just now
   */
  private boolean nudge() {
    if (Mapper.get().isPrompt() || System.nanoTime() - nudgedAt < nudgeInterval) {
      return false;
    }
    collect();
    return true;
  }

  private void collect() {
    if (!Mapper.get().isPrompt()) {
      long now = System.nanoTime();
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

  /**
   * Evicts what is coldest, at least so many bytes if there are.
   *
   * @param spared names what is not to be evicted
   * @return whether anything was
   */
  private boolean evict(long bytes, Predicate<Extent> spared, List<Dropped> dropped) {
    int before = dropped.size();
    long left = bytes;
    while (left > 0) {
      List<Extent> coldest = victims.coldest(left, spared);
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
