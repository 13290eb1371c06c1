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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A file read with positional reads into pooled direct buffers, for where mapping is unwise, and
 * for bytes that must not change once they were looked at. Opened at its first use, and then kept
 * open.
 */
final class ReadFile implements SliceSource {
  private final Supplier<Path> file;
  private final Opener opener;
  private @Nullable FileChannel open;
  private int holds;

  /** Opens the file, and may refuse to. */
  @FunctionalInterface
  interface Opener {
    FileChannel open() throws IOException;
  }

  /** What is done with the open file, again if the channel was closed meanwhile. */
  @FunctionalInterface
  interface Use<T> {
    T use(FileChannel channel) throws IOException;
  }

  /**
   * Opens nothing yet.
   *
   * @param file where the file is now; asked whenever it is opened
   */
  ReadFile(Supplier<Path> file) {
    this(file, () -> FileChannel.open(file.get(), StandardOpenOption.READ));
  }

  /** Takes what opens the file, at the first use and after each release or interrupt. */
  ReadFile(Supplier<Path> file, Opener opener) {
    this.file = file;
    this.opener = opener;
  }

  @Override
  public Slice slice(long position, int max) throws IOException {
    ByteBuffer buffer = BufferPool.take();
    boolean filled = false;
    try {
      buffer.limit(Math.min(max, buffer.capacity()));
      if (read(buffer, position) < 0) {
        throw new EOFException(file.get() + ": expected bytes at " + position + ", got the end");
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

  /** Reads nothing before the slice is loaded. */
  @Override
  public Slice ahead(long position, int max) {
    ByteBuffer buffer = BufferPool.take();
    buffer.limit(Math.min(max, buffer.capacity()));
    return new UnreadSlice(buffer, position);
  }

  /** Reads some bytes at a position, as a channel does. */
  int read(ByteBuffer into, long position) throws IOException {
    int start = into.position();
    return use(
        channel -> {
          into.position(start);
          return channel.read(into, position);
        });
  }

  /** Does something with the open file that may be done twice. */
  <T> T use(Use<T> use) throws IOException {
    while (true) {
      FileChannel channel = channel();
      try {
        return use.use(channel);
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (ClosedChannelException e) {
        // Another thread was interrupted while it read, which closes the channel for everyone, or
        // the file was released: open it again.
      }
    }
  }

  /**
   * Keeps the file open until it is let go as often: what is put in its place isn't opened instead.
   *
   * @throws IOException if it can't be opened; it isn't held then
   */
  synchronized void hold() throws IOException {
    FileChannel unused = channel();
    holds++;
  }

  /** Ends a hold. */
  synchronized void letGo() {
    holds--;
    release();
  }

  private synchronized FileChannel channel() throws IOException {
    FileChannel channel = open;
    if (channel == null || !channel.isOpen()) {
      channel = opener.open();
      open = channel;
    }
    return channel;
  }

  /** Closes the file unless it is held. */
  @Override
  public synchronized void release() {
    FileChannel channel = open;
    if (channel != null && holds == 0) {
      open = null;
      Quietly.close(channel);
    }
  }

  private static class PooledSlice implements Slice {
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

  /**
   * Some bytes that nobody can tell whether they are in memory: they aren't, before it is loaded.
   */
  private final class UnreadSlice extends PooledSlice {
    private final ByteBuffer unread;
    private final long position;

    UnreadSlice(ByteBuffer pooled, long position) {
      super(pooled);
      this.unread = pooled.duplicate();
      this.position = position;
    }

    @Override
    public boolean isResident() {
      return !unread.hasRemaining();
    }

    @Override
    public void load() throws IOException {
      while (unread.hasRemaining()) {
        if (read(unread, position + unread.position()) < 0) {
          throw new EOFException(file.get() + ": expected more bytes, got the end");
        }
      }
    }
  }
}
