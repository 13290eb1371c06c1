package io.swarmgate.backend.store;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import java.io.IOException;

/** Reads a file on disk: everything is there, so nothing ever waits. */
final class GuardedFileReader implements ContentReader {
  private final GuardedFile file;
  private volatile boolean closed;

  GuardedFileReader(GuardedFile file) {
    this.file = file;
  }

  @Override
  public Slice poll(long position, int max) throws IOException {
    if (closed) {
      throw new IOException(file.path() + ": the reader is closed");
    }
    return file.slice(position, max);
  }

  @Override
  public void onReady(Runnable waiter) {
    throw new IllegalStateException("no position of a file on disk was polled in vain");
  }

  @Override
  public void close() {
    closed = true;
  }
}
