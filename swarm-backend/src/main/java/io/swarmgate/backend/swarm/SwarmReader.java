package io.swarmgate.backend.swarm;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.store.ReaderWait;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A reader over a torrent. Its position lives here, written by the reading thread; the loop derives
 * demand from it. The loop knows it from its first poll on, unless that brings all that is
 * expected: small ranges of what is here would be slowed more by the loop than by anything else.
 */
final class SwarmReader implements ContentReader {
  /** Readahead in pieces of a reader that expects to read everything from here on. */
  private static final int FULL_WINDOW_PIECES = 16;

  private static final long MAX_READAHEAD = 64L << 20;
  private static final long SEEK_READAHEAD = 1L << 20;

  private final Torrent torrent;
  private final PieceStore store;
  private final PieceLayout layout;
  private final Executor handOff;
  private final ReadPolicy policy;
  private final ReaderWait wait;

  private volatile ByteSpan expected;
  private volatile long position;
  private volatile boolean blocked;
  private volatile boolean closed;

  /** Whether the loop knows it, or has been told. Written by the reading thread. */
  private volatile boolean known;

  private volatile long contiguous;
  private volatile @Nullable IOException failure;

  /**
   * When the wait for the present piece began, or the last block for it came; 0 until the loop
   * knows of the wait. Written by the loop, and by the reading thread before it is blocked.
   */
  private volatile long waitingSince;

  /** Of the loop: how long a wait has to last for the fallback to be asked, the next time. */
  private long fallbackAfter;

  /** Of the loop: the piece the fallback was last asked for, or -1. */
  private int fallbackPiece = -1;

  /** Of the loop: whether the fallback was ever asked. */
  private boolean stalledBefore;

  SwarmReader(Torrent torrent, PieceStore store, Executor handOff, ReadPolicy policy) {
    this.torrent = torrent;
    this.store = store;
    this.layout = store.metainfo().layout();
    this.handOff = handOff;
    this.wait = new ReaderWait(handOff);
    this.policy = policy;
    expected = new ByteSpan(0, layout.length());
  }

  @Override
  public void expect(ByteSpan span) {
    expected = span;
    position = span.start();
  }

  @Override
  public @Nullable Slice poll(long at, int max) throws IOException {
    IOException failed = failure;
    if (failed != null) {
      throw failed instanceof StalledException stalled
          ? new StalledException(stalled)
          : new IOException(failed.getMessage(), failed);
    }
    if (closed) {
      throw new IOException("the reader is closed");
    }
    boolean seek = at != position;
    Slice slice = wait.poll(store::slice, at, max);
    boolean wasBlocked = blocked;
    int before = layout.pieceAt(Math.min(position, layout.length() - 1));
    if (slice == null) {
      position = at;
      if (seek) {
        contiguous = 0;
      }
      if (!wasBlocked) {
        // Else the loop could take a wait of long ago for this one.
        waitingSince = 0;
      }
      blocked = !wait.isForDisk();
      becomeKnown();
      if (seek || wasBlocked != blocked) {
        torrent.readerMoved();
      }
      return null;
    }
    int length = slice.buffer().remaining();
    contiguous = seek ? length : contiguous + length;
    position = at + length;
    blocked = false;
    if (!known && at == expected.start() && position >= expected.end()) {
      return slice;
    }
    becomeKnown();
    int after = layout.pieceAt(Math.min(position, layout.length() - 1));
    if (seek || wasBlocked || before != after) {
      torrent.readerMoved();
    }
    return slice;
  }

  private void becomeKnown() {
    if (known) {
      return;
    }
    torrent.readerCame(this);
    known = true;
    // Guards against a close that came between, and found nothing to withdraw.
    if (closed) {
      torrent.readerClosed(this);
    }
  }

  @Override
  public void onReady(Runnable ready) {
    if (wait.onReady(ready)) {
      torrent.readerWaits(this);
    }
  }

  /** Runs the waiter, if there is one, on the hand-off executor. */
  void wake() {
    wait.wake();
  }

  void fail(IOException cause) {
    failure = cause;
    wake();
  }

  boolean hasFailed() {
    return failure != null;
  }

  boolean isBlocked() {
    return blocked;
  }

  /** The byte it is at. */
  long position() {
    return position;
  }

  int piece() {
    return layout.pieceAt(Math.min(position, layout.length() - 1));
  }

  /** On the loop: it begins to wait, or a block of the piece it waits for has come. */
  void waitsFrom(long now) {
    waitingSince = now;
    fallbackAfter = policy.maxStall().toNanos();
  }

  /**
   * On the loop: it begins to wait while no peer brings anything. If it has waited so before, the
   * fallback is asked at once: else each piece would take {@code maxStall}.
   */
  void waitsInVain() {
    if (stalledBefore && fallbackAfter > 0) {
      fallBack(piece(), 0);
    }
  }

  /**
   * On the loop: fails if it waits for too long. Before that it asks the fallback, and again each
   * time the wait has become twice as long: what was refused, or failed, may be possible by then.
   */
  void checkStall(long now) {
    if (!blocked || failure != null || waitingSince == 0) {
      return;
    }
    long waited = now - waitingSince;
    int piece = piece();
    if (waited > policy.stallLimit().toNanos()) {
      fail(
          new StalledException(
              "piece "
                  + piece
                  + " of "
                  + store.metainfo().name()
                  + ": expected a byte within "
                  + policy.stallLimit()
                  + ", got none"));
    } else if (fallbackAfter > 0 && waited > fallbackAfter) {
      fallbackAfter = 2 * waited;
      fallBack(piece, waited);
    }
  }

  private void fallBack(int piece, long waited) {
    torrent.fellBack(piece, waited);
    stalledBefore = true;
    fallbackPiece = piece;
    handOff.execute(() -> policy.fallback().fetch(piece));
  }

  /** On the loop: a piece is here. */
  void stored(int piece) {
    if (fallbackPiece == piece) {
      fallbackPiece = -1;
      handOff.execute(() -> policy.fallback().arrived(piece));
    }
    if (piece() == piece) {
      wake();
    }
  }

  /** What it wants now; null if it has read all that it expects to. */
  WantList.@Nullable Window window() {
    ByteSpan span = expected;
    long from = position;
    boolean waits = blocked;
    if (from >= layout.length() || (!waits && from >= span.end())) {
      return null;
    }
    int first = layout.pieceAt(from);
    long ahead = Math.max(SEEK_READAHEAD, Math.min(MAX_READAHEAD, 2 * contiguous));
    if (span.end() - from >= (long) FULL_WINDOW_PIECES * layout.pieceLength()) {
      ahead = Math.max(ahead, (long) FULL_WINDOW_PIECES * layout.pieceLength());
    }
    long last = Math.min(Math.max(span.end(), from + 1), from + ahead);
    int end = layout.pieceAt(Math.min(last, layout.length()) - 1) + 1;
    return new WantList.Window(first, end, waits);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      wait.withdraw();
      if (known) {
        torrent.readerClosed(this);
      }
    }
  }
}
