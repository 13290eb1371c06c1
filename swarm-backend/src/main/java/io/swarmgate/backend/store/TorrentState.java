package io.swarmgate.backend.store;

import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.metainfo.PieceSpan;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a torrent's pieces and extents. One lock, the object itself, guards all of it;
 * no I/O and no callback happens under it. It is taken after a {@link PieceMap}'s and before the
 * locks of footprints, ledger and {@link Victims}.
 */
final class TorrentState {
  private final ExtentLayout layout;
  private final BitSet verified;
  private final BitSet unverified;
  private final BitSet writing = new BitSet();
  private final @Nullable Extent[] extents;
  private final StoreOptions options;
  private final Victims victims;
  private int holders;
  private boolean deleted;

  /** Bytes of an extent that are visible, pinned: the caller unpins it. */
  record Window(Extent extent, long offset, int count) {}

  TorrentState(PieceMap.Pieces pieces, StoreOptions options, Victims victims) {
    this.layout = pieces.layout();
    this.verified = pieces.verified();
    this.unverified = pieces.unverified();
    this.extents = new @Nullable Extent[layout.count()];
    this.options = options;
    this.victims = victims;
  }

  ExtentLayout layout() {
    return layout;
  }

  /** Returns false if it was deleted. */
  synchronized boolean hold() {
    holders++;
    return !deleted;
  }

  /** Lets nobody write from here on. */
  synchronized void delete() {
    deleted = true;
  }

  synchronized boolean isDeleted() {
    return deleted;
  }

  /** Returns whether nobody holds it any more. */
  synchronized boolean letGo() {
    holders--;
    return holders == 0;
  }

  synchronized boolean has(int piece) {
    return verified.get(piece);
  }

  synchronized boolean isUnverified(int piece) {
    return unverified.get(piece);
  }

  /** Whether it has any pieces, verified or not. */
  synchronized boolean hasAny() {
    return !verified.isEmpty() || !unverified.isEmpty();
  }

  synchronized BitSet verified() {
    return (BitSet) verified.clone();
  }

  synchronized PieceMap.Pieces pieces() {
    return new PieceMap.Pieces(layout, verified(), (BitSet) unverified.clone());
  }

  /** Eight pieces' claims, as {@link PieceMap#update} wants them. */
  synchronized int claimed(int index) {
    int bits = 0;
    for (int i = 0; i < Byte.SIZE; i++) {
      int piece = index * Byte.SIZE + i;
      bits |= isClaimed(piece) ? 1 << i : 0;
    }
    return bits;
  }

  private boolean isClaimed(int piece) {
    return verified.get(piece) || unverified.get(piece);
  }

  /** Takes in an extent that was found on disk; its bytes are in the ledger already. */
  synchronized void found(Extent extent, BitSet pieces) {
    extents[extent.index] = extent;
    extent.charged.or(pieces);
    victims.grown(extent);
  }

  /** Pins the visible bytes from {@code position} on; null if there are none. */
  synchronized @Nullable Window pin(long position, int max) {
    PieceLayout pieces = layout.pieces();
    int piece = pieces.pieceAt(position);
    Extent extent = extents[layout.of(piece)];
    if (!verified.get(piece) || extent == null) {
      return null;
    }
    long wanted = Math.min(position + max, extent.start + extent.length);
    int end = piece;
    while (end < pieces.pieceCount() && verified.get(end) && pieces.start(end) < wanted) {
      end++;
    }
    long stop = Math.min(wanted, pieces.span(end - 1).end());
    extent.fresh.clear(piece, end);
    extent.awaited = !extent.fresh.isEmpty();
    extent.pins.incrementAndGet();
    victims.read(extent, options.clock().getAsLong());
    return new Window(extent, position - extent.start, (int) (stop - position));
  }

  /** Pins the extent of a piece to be checked; null if the piece isn't claimed and unverified. */
  synchronized @Nullable Extent pinUnverified(int piece) {
    return unverified.get(piece) ? pinExtent(piece) : null;
  }

  /** Pins the extent of a piece to be checked once more; null if the piece isn't here. */
  synchronized @Nullable Extent pinVerified(int piece) {
    return verified.get(piece) ? pinExtent(piece) : null;
  }

  private @Nullable Extent pinExtent(int piece) {
    Extent extent = extents[layout.of(piece)];
    if (extent != null) {
      extent.pins.incrementAndGet();
    }
    return extent;
  }

  /**
   * Makes a piece absent whose bytes in this extent are wrong; returns false if they are gone
   * already.
   */
  synchronized boolean damaged(Extent extent, int piece) {
    if (extent.dropped || !verified.get(piece)) {
      return false;
    }
    verified.clear(piece);
    return true;
  }

  /**
   * Notes what a check found, unless a writer was quicker; returns whether the piece is verified.
   */
  synchronized boolean checked(int piece, boolean right) {
    if (unverified.get(piece)) {
      unverified.clear(piece);
      verified.set(piece, right);
    }
    return verified.get(piece);
  }

  /**
   * Begins to write a piece, waiting for another writer of it; returns null if it is here already.
   * The extent is pinned until {@link #endWrite}. Fails if the torrent is closed or deleted.
   *
   * @param maker makes the extent if there is none
   */
  synchronized @Nullable Extent beginWrite(int piece, ExtentMaker maker) throws IOException {
    int index = layout.of(piece);
    Extent extent = extents[index];
    while (writing.get(piece) || (extent != null && extent.dropped)) {
      await();
      extent = extents[index];
    }
    if (holders == 0 || deleted) {
      throw new IOException("piece " + piece + " came after the torrent was closed or deleted");
    }
    if (verified.get(piece)) {
      return null;
    }
    if (extent == null) {
      extent = maker.make(index);
      extents[index] = extent;
    }
    writing.set(piece);
    // From here on its bytes are neither the old nor the new.
    unverified.clear(piece);
    extent.pins.incrementAndGet();
    return extent;
  }

  synchronized boolean isCharged(Extent extent, int piece) {
    return extent.charged.get(piece);
  }

  synchronized void charged(Extent extent, int piece) {
    extent.charged.set(piece);
    extent.footprint.grow(layout.pieces().length(piece));
  }

  /**
   * Ends a write. A piece that was written becomes visible, unless its extent was dropped
   * meanwhile.
   *
   * @return whether the piece is visible
   */
  synchronized boolean endWrite(Extent extent, int piece, boolean written) {
    writing.clear(piece);
    boolean visible = written && !extent.dropped;
    if (visible) {
      verified.set(piece);
      extent.fresh.set(piece);
      extent.awaited = true;
      extent.writtenAt = options.clock().getAsLong();
    }
    if (!extent.dropped && !extent.charged.isEmpty()) {
      victims.grown(extent);
    }
    extent.pins.decrementAndGet();
    notifyAll();
    return visible;
  }

  /** Whether an extent that nobody uses holds nothing that anybody could ever see. */
  synchronized boolean isUseless(Extent extent) {
    PieceSpan span = layout.span(extent.index);
    for (int piece = span.first(); piece < span.end(); piece++) {
      if (isClaimed(piece)) {
        return false;
      }
    }
    return extent.pins.get() == 0;
  }

  /**
   * Makes an extent's pieces absent, before it is unlinked.
   *
   * @param force whether also if it is busy
   * @return the pieces that were verified; null if the extent stays
   */
  synchronized @Nullable BitSet beginDrop(Extent extent, boolean force) {
    if (extent.dropped || (!force && options.isBusy(extent))) {
      return null;
    }
    extent.dropped = true;
    victims.forget(extent);
    PieceSpan span = layout.span(extent.index);
    BitSet lost = new BitSet();
    lost.set(span.first(), span.end());
    lost.and(verified);
    verified.clear(span.first(), span.end());
    unverified.clear(span.first(), span.end());
    return lost;
  }

  /** Makes place for a new extent, once the old one is unlinked. */
  synchronized void endDrop(Extent extent) {
    extents[extent.index] = null;
    notifyAll();
  }

  /** Waits until nobody writes. */
  synchronized void awaitWriters() throws InterruptedIOException {
    while (!writing.isEmpty()) {
      await();
    }
  }

  /** Waits until nobody writes, and every extent, each of which somebody is dropping, is gone. */
  synchronized void awaitGone() throws InterruptedIOException {
    while (!writing.isEmpty() || !extents().isEmpty()) {
      await();
    }
  }

  synchronized List<Extent> extents() {
    List<Extent> all = new ArrayList<>();
    for (Extent extent : extents) {
      if (extent != null) {
        all.add(extent);
      }
    }
    return all;
  }

  // Called with the lock held, in a loop of the caller's.
  @SuppressWarnings({"WaitNotInLoop", "GuardedBy"})
  private void await() throws InterruptedIOException {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for another writer");
    }
  }

  /** Makes an extent. Called under the lock: no I/O. */
  @FunctionalInterface
  interface ExtentMaker {
    Extent make(int index);
  }
}
