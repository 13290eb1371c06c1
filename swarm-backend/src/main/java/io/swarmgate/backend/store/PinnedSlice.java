package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** A slice that keeps its extent from being evicted until it is closed. */
final class PinnedSlice implements Slice {
  private final Slice bytes;
  private final Extent extent;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes over a pin of the extent. */
  PinnedSlice(Slice bytes, Extent extent) {
    this.bytes = bytes;
    this.extent = extent;
  }

  @Override
  public ByteBuffer buffer() {
    return bytes.buffer();
  }

  @Override
  public boolean isResident() {
    return bytes.isResident();
  }

  @Override
  public void load() throws IOException {
    bytes.load();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      bytes.close();
      extent.pins.decrementAndGet();
    }
  }
}
