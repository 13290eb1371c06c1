package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A file read with positional reads into pooled direct buffers, for where mapping is unwise. */
final class ReadFile implements SliceSource {
  private final Path file;
  private @Nullable FileChannel open;

  ReadFile(Path file) {
    this.file = file;
  }

  @Override
  public Slice slice(long position, int max) throws IOException {
    ByteBuffer buffer = BufferPool.take();
    boolean filled = false;
    try {
      buffer.limit(Math.min(max, buffer.capacity()));
      if (read(buffer, position) < 0) {
        throw new EOFException(file + ": expected bytes at " + position + ", got the end");
      }
      buffer.flip();
      filled = true;
      return new PooledSlice(buffer);
    } finally {
      if (!filled) {
        BufferPool.give(buffer);
      }
    }
  }

  private int read(ByteBuffer buffer, long position) throws IOException {
    while (true) {
      FileChannel channel = channel();
      try {
        return channel.read(buffer, position);
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (ClosedChannelException e) {
        // Another thread was interrupted while it read, which closes the channel for everyone, or
        // the file was released: open it again.
        buffer.position(0);
      }
    }
  }

  private synchronized FileChannel channel() throws IOException {
    FileChannel channel = open;
    if (channel == null || !channel.isOpen()) {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      open = channel;
    }
    return channel;
  }

  @Override
  public synchronized void release() {
    FileChannel channel = open;
    open = null;
    if (channel != null) {
      Quietly.close(channel);
    }
  }

  private static final class PooledSlice implements Slice {
    private final ByteBuffer pooled;
    private final ByteBuffer view;
    private final AtomicBoolean closed = new AtomicBoolean();

    PooledSlice(ByteBuffer pooled) {
      this.pooled = pooled;
      this.view = pooled.asReadOnlyBuffer();
    }

    @Override
    public ByteBuffer buffer() {
      return view;
    }

    /** Given back once, even if closed twice: two owners of one buffer would mix their bytes. */
    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        BufferPool.give(pooled);
      }
    }
  }
}
