package io.swarmgate.backend.swarm;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.store.Prefault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be sent to one peer: messages first, then blocks, piece by piece in the order asked
 * for, written straight from the store's mapped pieces, or from a publisher's sealed ones. Nothing
 * is read for a peer that doesn't take what it asked for. A root seed passes over pieces that are
 * held for another peer. Owned by the loop.
 */
final class Outbox {
  private static final int BLOCKS_PER_WRITE = 32;

  /** Bytes that are looked at, and read if they are not in memory, together. */
  private static final int READ_AHEAD = 1 << 20;

  private record Block(int piece, int offset, int length) {}

  private final GatheringByteChannel channel;
  private final PieceStore store;
  private final PieceLayout layout;
  private final @Nullable Holds holds;
  private final Holds.Receiver receiver;
  private final ArrayDeque<ByteBuffer> messages = new ArrayDeque<>();
  private final Map<Integer, ArrayDeque<Block>> blocks = new LinkedHashMap<>();
  private int queuedBlocks;
  private final Prefault prefault;

  /** Pieces passed over until what is being read is in memory. */
  private final Set<Integer> cold = new HashSet<>();

  /** The bytes that were last found, or brought, into memory; half-open. */
  private long warmStart;

  private long warmEnd;

  /** The bytes that are being brought into memory. */
  private long readStart;

  private long readEnd;

  /** What is being written: buffers in order, and the slices they belong to. */
  private ByteBuffer[] batch = new ByteBuffer[0];

  private int batchStart;
  private final List<Slice> slices = new ArrayList<>();
  private final Set<Integer> batchPieces = new LinkedHashSet<>();
  private long batchBlockBytes;
  private long sentBytes;

  /**
   * @param holds those of the torrent, if we are its root seed; else null
   * @param receiver the peer, as holds know it
   * @param warmed runs on a thread that must not wait, when cold pieces have been read: {@link
   *     #warmed} is to be called then, and {@link #write}
   */
  Outbox(
      GatheringByteChannel channel,
      PieceStore store,
      @Nullable Holds holds,
      Holds.Receiver receiver,
      Runnable warmed) {
    this.channel = channel;
    this.store = store;
    this.holds = holds;
    this.receiver = receiver;
    layout = store.metainfo().layout();
    prefault = new Prefault(warmed);
  }

  void add(ByteBuffer message) {
    messages.add(message);
  }

  void addBlock(int piece, int offset, int length) {
    blocks
        .computeIfAbsent(piece, absent -> new ArrayDeque<>())
        .add(new Block(piece, offset, length));
    queuedBlocks++;
  }

  /** Drops a block that has not begun to leave. */
  void removeBlock(int piece, int offset, long now) {
    ArrayDeque<Block> queue = blocks.get(piece);
    if (queue == null) {
      return;
    }
    for (Iterator<Block> all = queue.iterator(); all.hasNext(); ) {
      if (all.next().offset == offset) {
        all.remove();
        queuedBlocks--;
      }
    }
    if (queue.isEmpty()) {
      blocks.remove(piece);
      if (holds != null) {
        holds.drained(piece, receiver, now);
      }
    }
  }

  /** Drops what has not begun to leave of a piece that is no longer here. */
  void removePiece(int piece) {
    ArrayDeque<Block> queue = blocks.remove(piece);
    queuedBlocks -= queue == null ? 0 : queue.size();
  }

  int queuedBlocks() {
    return queuedBlocks;
  }

  /** Whether something was begun and waits for the socket. */
  boolean isUnderWay() {
    return batchStart < batch.length;
  }

  /** Whether anything could be written now: not if all that is left is held for others. */
  boolean canWrite(long now) {
    return isUnderWay() || !messages.isEmpty() || next(now) != null;
  }

  /** Whether blocks wait that may not be sent yet. */
  boolean isHeld(long now) {
    return !blocks.isEmpty() && cold.isEmpty() && next(now) == null;
  }

  /** Bytes of blocks that have left. */
  long sentBytes() {
    return sentBytes;
  }

  /** The piece that may be sent next; null if there is none. */
  @Nullable Integer next(long now) {
    Integer may = null;
    for (Integer piece : blocks.keySet()) {
      if (cold.contains(piece)) {
        continue;
      }
      if (holds == null || holds.isUnderWay(piece, receiver)) {
        return piece;
      }
      if (may == null && holds.maySend(piece, receiver, now)) {
        may = piece;
      }
    }
    return may;
  }

  /**
   * Writes until the socket takes no more, nothing is left, or {@code most} bytes have gone; what
   * was begun and messages go in any case.
   *
   * @return bytes written
   * @throws IOException if the connection or the store fails
   */
  long write(long most, long now) throws IOException {
    long total = 0;
    while (true) {
      if (!isUnderWay() && !fillBatch(most - total, now)) {
        return total;
      }
      long written = channel.write(batch, batchStart, batch.length - batchStart);
      total += written;
      while (batchStart < batch.length && !batch[batchStart].hasRemaining()) {
        batchStart++;
      }
      if (isUnderWay()) {
        refused(written, now);
        return total;
      }
      sentBytes += batchBlockBytes;
      drained(now);
      closeSlices();
    }
  }

  private boolean fillBatch(long most, long now) throws IOException {
    List<ByteBuffer> buffers = new ArrayList<>(messages);
    messages.clear();
    batchBlockBytes = 0;
    batchPieces.clear();
    int left = BLOCKS_PER_WRITE;
    while (left > 0 && batchBlockBytes < most) {
      Integer piece = next(now);
      if (piece == null) {
        break;
      }
      if (isCold(piece)) {
        cold.add(piece);
        continue;
      }
      List<Block> run = pollRun(piece, left, most - batchBlockBytes);
      left -= run.size();
      int from = buffers.size();
      if (!addBytes(run, buffers)) {
        // Evicted a moment ago; the peer is about to be told.
        buffers.subList(from, buffers.size()).clear();
        continue;
      }
      long length = bytes(run);
      batchBlockBytes += length;
      batchPieces.add(piece);
      if (holds != null) {
        holds.sent(piece, layout.length(piece), length, receiver, now);
      }
    }
    batch = buffers.toArray(ByteBuffer[]::new);
    batchStart = 0;
    return batch.length > 0;
  }

  /**
   * Whether a piece's next block is not in memory; it is being read then, or will be in its turn.
   * The loop must not wait for a disk.
   */
  private boolean isCold(Integer piece) throws IOException {
    Block block = queue(piece).element();
    long position = layout.start(piece) + block.offset;
    if (position >= warmStart && position < warmEnd) {
      return false;
    }
    long most = Math.min(READ_AHEAD, layout.span(piece).end() - position);
    Slice slice = store.ahead(position, prefault.most(position, (int) most));
    // An absent one is no longer asked for soon.
    if (slice != null) {
      int length = slice.buffer().remaining();
      boolean busy = prefault.isReading();
      slice = prefault.pass(position, slice);
      if (slice == null) {
        if (!busy) {
          readStart = position;
          readEnd = position + length;
        }
        return true;
      }
      slice.close();
      warmStart = position;
      warmEnd = position + length;
    }
    return false;
  }

  /** Says that what was being read is in memory. */
  void warmed() {
    cold.clear();
    // It is sent without another look, even if another piece is read before its turn comes.
    warmStart = readStart;
    warmEnd = readEnd;
  }

  private ArrayDeque<Block> queue(Integer piece) {
    ArrayDeque<Block> queue = blocks.get(piece);
    if (queue == null) {
      throw new IllegalStateException("piece " + piece + " has no block to send");
    }
    return queue;
  }

  /**
   * Takes blocks that follow each other, no more than are in memory, so that they share a slice.
   */
  private List<Block> pollRun(Integer piece, int most, long mostBytes) {
    ArrayDeque<Block> queue = queue(piece);
    List<Block> run = new ArrayList<>();
    Block last = queue.remove();
    run.add(last);
    for (Block next = queue.peek();
        next != null
            && next.offset == last.offset + last.length
            && layout.start(piece) + next.offset < warmEnd
            && run.size() < most
            && bytes(run) < mostBytes;
        next = queue.peek()) {
      last = queue.remove();
      run.add(last);
    }
    queuedBlocks -= run.size();
    if (queue.isEmpty()) {
      blocks.remove(piece);
    }
    return run;
  }

  private static long bytes(List<Block> run) {
    Block first = run.get(0);
    Block last = run.get(run.size() - 1);
    return last.offset + last.length - first.offset;
  }

  /** Adds blocks that follow each other, with their headers; false if they aren't all here. */
  private boolean addBytes(List<Block> run, List<ByteBuffer> buffers) throws IOException {
    Block first = run.get(0);
    long position = layout.start(first.piece) + first.offset;
    long end = position + bytes(run);
    ByteBuffer bytes = ByteBuffer.allocate(0);
    for (Block block : run) {
      ByteBuffer header = ByteBuffer.allocate(Wire.PIECE_HEADER);
      Wire.putPieceHeader(header, block.piece, block.offset, block.length);
      buffers.add(header.flip());
      for (int left = block.length; left > 0; ) {
        if (!bytes.hasRemaining()) {
          Slice slice = store.sealed(position, (int) (end - position));
          if (slice == null) {
            return false;
          }
          slices.add(slice);
          bytes = slice.buffer().duplicate();
        }
        int length = Math.min(left, bytes.remaining());
        buffers.add(bytes.slice(bytes.position(), length));
        bytes.position(bytes.position() + length);
        position += length;
        left -= length;
      }
    }
    return true;
  }

  private void refused(long written, long now) {
    if (holds != null) {
      for (int piece : batchPieces) {
        if (written > 0) {
          holds.sent(piece, layout.length(piece), 0, receiver, now);
        }
        holds.refused(piece, receiver, now);
      }
    }
  }

  private void drained(long now) {
    if (holds != null) {
      for (int piece : batchPieces) {
        if (!blocks.containsKey(piece)) {
          holds.drained(piece, receiver, now);
        }
      }
    }
  }

  private void closeSlices() {
    slices.forEach(Slice::close);
    slices.clear();
  }

  /** Gives everything up. */
  void clear() {
    messages.clear();
    blocks.clear();
    queuedBlocks = 0;
    batch = new ByteBuffer[0];
    batchStart = 0;
    closeSlices();
  }
}
