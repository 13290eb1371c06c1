package io.swarmgate.filter.http;

import io.swarmgate.backend.content.Slice;
import java.nio.ByteBuffer;

/** A slice of bytes on the heap, which need no giving back. */
record HeapSlice(ByteBuffer buffer) implements Slice {
  @Override
  public void close() {}
}
