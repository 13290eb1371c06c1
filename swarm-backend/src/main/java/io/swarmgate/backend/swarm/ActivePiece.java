package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One piece being put together from blocks. Owned by the loop until its last block is there. */
final class ActivePiece {
  final int index;
  final ByteBuffer data;

  /** The only peer that may deliver it, once a piece from several failed its hash; or null. */
  final @Nullable BlockSource only;

  /** Whoever is this many times quicker than a request has waited takes it over. */
  private static final int QUICKER = 2;

  private final PieceLayout layout;
  private final int blocks;
  private final @Nullable BlockSource[] askedFrom;
  private final long[] askedAt;
  private final @Nullable BlockSource[] receivedFrom;
  private final BitSet received = new BitSet();
  private int firstFree;

  ActivePiece(int index, PieceLayout layout, ByteBuffer data, @Nullable BlockSource only) {
    this.index = index;
    this.layout = layout;
    this.data = data;
    this.only = only;
    blocks = layout.blockCount(index);
    askedFrom = new BlockSource[blocks];
    askedAt = new long[blocks];
    receivedFrom = new BlockSource[blocks];
    data.limit(layout.length(index));
  }

  /** The next block nobody was asked for, marked as asked of {@code peer}; -1 if there is none. */
  int askNext(BlockSource peer, long now) {
    while (firstFree < blocks && (received.get(firstFree) || askedFrom[firstFree] != null)) {
      firstFree++;
    }
    if (firstFree == blocks) {
      return -1;
    }
    ask(firstFree, peer, now);
    return firstFree;
  }

  /**
   * A block that another peer is late with, or that {@code peer} would have brought long since,
   * taken from the other and marked as asked of {@code peer}; -1 if there is none.
   */
  int askLate(BlockSource peer, long now) {
    long quick = peer.promptness(now);
    for (int block = received.nextClearBit(0);
        block < blocks;
        block = received.nextClearBit(block + 1)) {
      BlockSource asked = askedFrom[block];
      if (asked == null || asked == peer) {
        continue;
      }
      long waited = now - askedAt[block];
      if (waited > asked.patience() || waited / QUICKER > quick) {
        asked.cancel(index, block);
        ask(block, peer, now);
        return block;
      }
    }
    return -1;
  }

  private void ask(int block, BlockSource peer, long now) {
    askedFrom[block] = peer;
    askedAt[block] = now;
  }

  /** Keeps a block; false if it was here already. */
  boolean receive(int block, ByteBuffer bytes, BlockSource peer) {
    if (received.get(block)) {
      return false;
    }
    data.put(PieceLayout.blockOffset(block), bytes, bytes.position(), bytes.remaining());
    received.set(block);
    BlockSource asked = askedFrom[block];
    if (asked != null && asked != peer) {
      asked.cancel(index, block);
    }
    askedFrom[block] = null;
    receivedFrom[block] = peer;
    return true;
  }

  /** Makes what {@code peer} was asked for free again. */
  void release(BlockSource peer) {
    for (int block = 0; block < blocks; block++) {
      if (askedFrom[block] == peer) {
        askedFrom[block] = null;
        firstFree = Math.min(firstFree, block);
      }
    }
  }

  /** Withdraws what {@code peer} was asked for, so that others can be asked. */
  void withdraw(BlockSource peer) {
    for (int block = 0; block < blocks; block++) {
      if (askedFrom[block] == peer) {
        askedFrom[block] = null;
        firstFree = Math.min(firstFree, block);
        peer.cancel(index, block);
      }
    }
  }

  /** Withdraws what roots were asked for. */
  void withdrawFromRoots() {
    for (int block = 0; block < blocks; block++) {
      BlockSource asked = askedFrom[block];
      if (asked != null && asked.isRoot()) {
        withdraw(asked);
      }
    }
  }

  /** Whether {@code peer} has been asked for any of it. */
  boolean isAskedOf(BlockSource peer) {
    for (BlockSource asked : askedFrom) {
      if (asked == peer) {
        return true;
      }
    }
    return false;
  }

  /** Whether no block has come yet. */
  boolean isEmpty() {
    return received.isEmpty();
  }

  /** Whether no block has come and none is asked for. */
  boolean isUntouched() {
    return isEmpty() && Arrays.stream(askedFrom).allMatch(Objects::isNull);
  }

  /** Withdraws every request. */
  void cancelAll() {
    for (int block = 0; block < blocks; block++) {
      BlockSource asked = askedFrom[block];
      if (asked != null) {
        askedFrom[block] = null;
        asked.cancel(index, block);
      }
    }
    firstFree = 0;
  }

  boolean isComplete() {
    return received.cardinality() == blocks;
  }

  int blockLength(int block) {
    return layout.blockLength(index, block);
  }

  int blockCount() {
    return blocks;
  }

  /** Who sent a block; null if it hasn't come. */
  @Nullable BlockSource sender(int block) {
    return receivedFrom[block];
  }

  /** Everyone who sent any of it. */
  Set<BlockSource> senders() {
    Set<BlockSource> all = new LinkedHashSet<>();
    for (BlockSource sender : receivedFrom) {
      if (sender != null) {
        all.add(sender);
      }
    }
    return all;
  }
}
