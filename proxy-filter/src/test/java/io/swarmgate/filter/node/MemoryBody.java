package io.swarmgate.filter.node;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.filter.testing.MemoryRepresentation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** All of a representation as an origin's body. */
final class MemoryBody implements Body {
  private final MemoryRepresentation file;
  private final ContentReader reader;
  private long position;

  MemoryBody(MemoryRepresentation file) {
    this.file = file;
    this.reader = file.reader();
  }

  @Override
  public long length() {
    return file.length();
  }

  @Override
  public @Nullable Slice poll(int max) throws IOException {
    Slice slice = ended() ? null : reader.poll(position, max);
    if (slice != null) {
      position += slice.buffer().remaining();
    }
    return slice;
  }

  @Override
  public boolean ended() {
    return position == file.length();
  }

  @Override
  public void onReady(Runnable waiter) {
    reader.onReady(waiter);
  }

  @Override
  public void close() {
    reader.close();
  }
}
