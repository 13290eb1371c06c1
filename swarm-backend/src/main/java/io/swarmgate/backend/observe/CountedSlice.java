package io.swarmgate.backend.observe;

import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A slice that says when it is given back. */
record CountedSlice(Slice slice, Runnable givenBack) implements Slice {
  @Override
  public ByteBuffer buffer() {
    return slice.buffer();
  }

  @Override
  public boolean isResident() {
    return slice.isResident();
  }

  @Override
  public void load() throws IOException {
    slice.load();
  }

  @Override
  public void close() {
    slice.close();
    givenBack.run();
  }
}
