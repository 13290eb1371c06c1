package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Slice;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A piece that is coming, in memory, readable as far as it has come. One thread at a time puts;
 * slices may be taken from any and stay as they are.
 */
final class Arriving {
  private final ByteBuffer data;
  private volatile int visible;

  Arriving(int length) {
    this.data = ByteBuffer.allocate(length);
  }

  /** Bytes that have come. */
  int filled() {
    return data.position();
  }

  boolean isComplete() {
    return !data.hasRemaining();
  }

  /** Appends. */
  void put(ByteBuffer more) {
    data.put(more);
  }

  /** Lets readers see what has come; returns how much they didn't see before. */
  int show() {
    int before = visible;
    visible = data.position();
    return visible - before;
  }

  /** Bytes that readers see. */
  int visible() {
    return visible;
  }

  /** The whole piece, once it is complete. */
  ByteBuffer whole() {
    return data.duplicate().flip();
  }

  /** Bytes from an offset on; null if they have not come. */
  @Nullable Slice slice(int offset, int max) {
    int end = visible;
    return offset < end ? new Part(data.slice(offset, Math.min(max, end - offset))) : null;
  }

  private record Part(ByteBuffer buffer) implements Slice {
    @Override
    public void close() {}
  }
}
