package io.swarmgate.backend.swarm;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What waits to be sent to one peer: messages first, then blocks, written straight from the store's
 * mapped pieces. Nothing is read for a peer that doesn't take what it asked for. Owned by the loop.
 */
final class Outbox {
  private static final int BLOCKS_PER_WRITE = 32;

  private record Block(int piece, int offset, int length) {}

  private final GatheringByteChannel channel;
  private final PieceStore store;
  private final PieceLayout layout;
  private final ArrayDeque<ByteBuffer> messages = new ArrayDeque<>();
  private final ArrayDeque<Block> blocks = new ArrayDeque<>();

  /** What is being written: buffers in order, and the slices they belong to. */
  private ByteBuffer[] batch = new ByteBuffer[0];

  private int batchStart;
  private final List<Slice> slices = new ArrayList<>();
  private long batchBlockBytes;
  private long sentBytes;

  Outbox(GatheringByteChannel channel, PieceStore store) {
    this.channel = channel;
    this.store = store;
    layout = store.metainfo().layout();
  }

  void add(ByteBuffer message) {
    messages.add(message);
  }

  void addBlock(int piece, int offset, int length) {
    blocks.add(new Block(piece, offset, length));
  }

  /** Drops a block that has not begun to leave. */
  void removeBlock(int piece, int offset) {
    blocks.removeIf(block -> block.piece == piece && block.offset == offset);
  }

  int queuedBlocks() {
    return blocks.size();
  }

  boolean isEmpty() {
    return batchStart == batch.length && messages.isEmpty() && blocks.isEmpty();
  }

  /** Bytes of blocks that have left. */
  long sentBytes() {
    return sentBytes;
  }

  /**
   * Writes until the socket takes no more, nothing is left, or {@code most} bytes have gone.
   *
   * @return bytes written
   * @throws IOException if the connection or the store fails
   */
  long write(long most) throws IOException {
    long total = 0;
    while (!isEmpty() && total < most) {
      if (batchStart == batch.length) {
        fillBatch();
      }
      long written = channel.write(batch, batchStart, batch.length - batchStart);
      total += written;
      while (batchStart < batch.length && !batch[batchStart].hasRemaining()) {
        batchStart++;
      }
      if (batchStart < batch.length) {
        break;
      }
      sentBytes += batchBlockBytes;
      closeSlices();
    }
    return total;
  }

  private void fillBatch() throws IOException {
    List<ByteBuffer> buffers = new ArrayList<>(messages);
    messages.clear();
    batchBlockBytes = 0;
    for (int i = 0; i < BLOCKS_PER_WRITE && !blocks.isEmpty(); i++) {
      Block block = blocks.remove();
      ByteBuffer header = ByteBuffer.allocate(Wire.PIECE_HEADER);
      Wire.putPieceHeader(header, block.piece, block.offset, block.length);
      buffers.add(header.flip());
      addBytes(block, buffers);
      batchBlockBytes += block.length;
    }
    batch = buffers.toArray(ByteBuffer[]::new);
    batchStart = 0;
  }

  private void addBytes(Block block, List<ByteBuffer> buffers) throws IOException {
    long position = layout.start(block.piece) + block.offset;
    int left = block.length;
    while (left > 0) {
      Slice slice = store.slice(position, left);
      if (slice == null) {
        // Without BEP 6 a request can't be refused: a new connection brings a true bitfield.
        throw new IOException("piece " + block.piece + " was asked for and is no longer here");
      }
      slices.add(slice);
      buffers.add(slice.buffer());
      int length = slice.buffer().remaining();
      position += length;
      left -= length;
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
    batch = new ByteBuffer[0];
    batchStart = 0;
    closeSlices();
  }
}
