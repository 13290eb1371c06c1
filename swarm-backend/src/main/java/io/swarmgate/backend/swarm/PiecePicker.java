package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Says which block to ask of which peer: the want list's first piece that the peer has, block by
 * block, several peers on one piece together; and a blocked reader's late blocks once more of
 * another peer. Owned by the loop.
 */
final class PiecePicker {
  /** Takes what was picked. */
  @FunctionalInterface
  interface Requests {
    void request(int piece, int block, int length);
  }

  private final PieceLayout layout;
  private final PieceBuffers buffers;
  private final IntPredicate stored;
  private final Map<Integer, ActivePiece> active = new HashMap<>();

  /** Complete or on disk, their hash being checked. */
  private final BitSet checking = new BitSet();

  /** Failed their hash with several contributors: to be fetched from one peer alone. */
  private final BitSet suspect = new BitSet();

  private final Set<BlockSource> sources = new HashSet<>();
  private final Runnable whenMemory;
  private WantList want = WantList.EMPTY;

  /**
   * @param stored whether a piece is here and verified
   * @param whenMemory run once, on the loop, when there is memory again that was missing
   */
  PiecePicker(PieceLayout layout, PieceBuffers buffers, IntPredicate stored, Runnable whenMemory) {
    this.layout = layout;
    this.buffers = buffers;
    this.stored = stored;
    this.whenMemory = whenMemory;
  }

  /** Takes in a peer that may be asked. */
  void add(BlockSource peer) {
    sources.add(peer);
  }

  /** Whether a piece still has to be fetched. */
  boolean isMissing(int piece) {
    return !checking.get(piece) && !stored.test(piece);
  }

  /** Replaces the want list; what is no longer on it is cancelled and forgotten. */
  void want(WantList list) {
    want = list;
    Set<Integer> wanted = new HashSet<>();
    for (int piece : list.pieces()) {
      wanted.add(piece);
    }
    Iterator<ActivePiece> pieces = active.values().iterator();
    while (pieces.hasNext()) {
      ActivePiece piece = pieces.next();
      if (!wanted.contains(piece.index)) {
        pieces.remove();
        piece.cancelAll();
        buffers.giveBack(piece.data);
      }
    }
  }

  /** Whether a peer has anything that is wanted. */
  boolean interestedIn(BlockSource peer) {
    for (int piece : want.pieces()) {
      if (peer.has(piece)) {
        return true;
      }
    }
    return false;
  }

  /** Whether anything is wanted. */
  boolean isIdle() {
    return want.pieces().length == 0;
  }

  /** Picks up to {@code max} blocks for a peer. */
  void pick(BlockSource peer, int max, long now, Requests requests) {
    int left = max;
    boolean giving = peer.isGiving(now);
    int[] pieces = want.pieces();
    for (int i = 0; i < pieces.length && left > 0; i++) {
      int index = pieces[i];
      if (!peer.has(index)
          || !isMissing(index)
          || (peer.isRoot() && isElsewhere(index, now))
          || (!giving && isGiven(index, now))) {
        continue;
      }
      ActivePiece piece = activate(index, peer, i < want.urgent());
      if (piece == null) {
        return;
      }
      if (piece.only != null && piece.only != peer) {
        continue;
      }
      for (int block = piece.askNext(peer, now);
          block >= 0;
          block = left > 0 ? piece.askNext(peer, now) : -1) {
        requests.request(index, block, piece.blockLength(block));
        left--;
      }
    }
    pickLate(peer, left, now, requests);
  }

  /** Whether a piece can be had without asking a root. */
  private boolean isElsewhere(int piece, long now) {
    for (BlockSource source : sources) {
      if (!source.isRoot() && source.has(piece) && source.isGiving(now)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a peer that can be relied on now has a piece. */
  private boolean isGiven(int piece, long now) {
    for (BlockSource source : sources) {
      if (source.has(piece) && source.isGiving(now)) {
        return true;
      }
    }
    return false;
  }

  /**
   * A peer has announced a piece. If it isn't a root, and no root has begun to send the piece, the
   * peer is asked instead: so the root sends it once, not once to each.
   */
  void announced(int index, BlockSource by, long now) {
    ActivePiece piece = active.get(index);
    if (piece != null
        && piece.only == null
        && piece.isEmpty()
        && !by.isRoot()
        && by.isGiving(now)) {
      piece.withdrawFromRoots();
    }
  }

  /**
   * Passes over a peer that has gone silent: what others have is asked of them. If memory is short,
   * what nothing has come of is given up too.
   */
  void passOver(BlockSource silent, long now) {
    for (ActivePiece piece : List.copyOf(active.values())) {
      if (!piece.isAskedOf(silent)) {
        continue;
      }
      boolean elsewhere =
          sources.stream().anyMatch(s -> s != silent && s.has(piece.index) && s.isGiving(now));
      if (elsewhere || (piece.isEmpty() && buffers.isShort())) {
        piece.withdraw(silent);
      }
      if (elsewhere ? piece.only == silent : piece.isUntouched()) {
        active.remove(piece.index);
        buffers.giveBack(piece.data);
      }
    }
  }

  private void pickLate(BlockSource peer, int max, long now, Requests requests) {
    int left = max;
    for (int i = 0; i < want.urgent() && left > 0; i++) {
      ActivePiece piece = active.get(want.pieces()[i]);
      if (piece == null || piece.only != null || !peer.has(piece.index)) {
        continue;
      }
      for (int block = piece.askLate(peer, now);
          block >= 0;
          block = left > 0 ? piece.askLate(peer, now) : -1) {
        requests.request(piece.index, block, piece.blockLength(block));
        left--;
      }
    }
  }

  private @Nullable ActivePiece activate(int index, BlockSource peer, boolean urgent) {
    ActivePiece piece = active.get(index);
    if (piece == null) {
      ByteBuffer data = buffers.borrow(layout.pieceLength(), urgent, whenMemory);
      if (data == null) {
        return null;
      }
      piece = new ActivePiece(index, layout, data, suspect.get(index) ? peer : null);
      active.put(index, piece);
    }
    return piece;
  }

  /**
   * Takes a block that was asked for.
   *
   * @return the piece, if this was its last block: it is being checked from now on, and whoever
   *     gets it says {@link #checked}; otherwise null
   */
  @Nullable ActivePiece receive(int index, int offset, ByteBuffer bytes, BlockSource peer) {
    ActivePiece piece = active.get(index);
    if (piece == null || offset % PieceLayout.BLOCK != 0) {
      return null;
    }
    int block = offset / PieceLayout.BLOCK;
    if (bytes.remaining() != piece.blockLength(block)
        || !piece.receive(block, bytes, peer)
        || !piece.isComplete()) {
      return null;
    }
    active.remove(index);
    checking.set(index);
    buffers.complete(piece.data);
    return piece;
  }

  /** Marks a piece as being checked that came otherwise than by blocks; drops blocks so far. */
  void check(int index) {
    checking.set(index);
    ActivePiece piece = active.remove(index);
    if (piece != null) {
      piece.cancelAll();
      buffers.giveBack(piece.data);
    }
  }

  /** The check has ended; whether the piece is stored now, {@code stored} tells. */
  void checked(int index) {
    checking.clear(index);
    suspect.clear(index);
  }

  /** The check has failed; the next attempt takes the piece from one peer alone. */
  void failed(int index) {
    checking.clear(index);
    suspect.set(index);
  }

  /** Gives back the memory of a piece that was complete. */
  void giveBack(ActivePiece piece) {
    buffers.checked(piece.data);
  }

  /** A peer no longer has a piece: what it was asked of it can be asked of others. */
  void lost(int index, BlockSource peer) {
    ActivePiece piece = active.get(index);
    if (piece != null) {
      piece.withdraw(peer);
    }
  }

  /** A peer has gone for good. */
  void remove(BlockSource peer) {
    sources.remove(peer);
    release(peer);
  }

  /** A peer has gone or chokes us: what it was asked for can be asked of others. */
  void release(BlockSource peer) {
    Iterator<ActivePiece> pieces = active.values().iterator();
    while (pieces.hasNext()) {
      ActivePiece piece = pieces.next();
      piece.release(peer);
      if (piece.only == peer) {
        pieces.remove();
        buffers.giveBack(piece.data);
      }
    }
  }

  /** The pieces under way, those being checked included; a copy. */
  BitSet underway() {
    BitSet all = (BitSet) checking.clone();
    active.keySet().forEach(all::set);
    return all;
  }

  /** Forgets everything under way. */
  void clear() {
    want(WantList.EMPTY);
  }
}
