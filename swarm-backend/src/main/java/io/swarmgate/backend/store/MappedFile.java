package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file mapped window by window, each at its first use and then kept. Slices are views of the
 * windows and keep them mapped; a window is unmapped once it is released and its last slice is
 * closed, or later, as {@link Mapper} has it. What may not, or can't, be mapped is read instead.
 *
 * <p>No channel is kept open for that: it costs a descriptor, and an interrupt would close it for
 * everyone.
 */
final class MappedFile implements SliceSource {
  private static final Logger LOG = LoggerFactory.getLogger(MappedFile.class);

  private final Supplier<Path> file;
  private final long length;
  private final int windowLength;
  private final Permit permit;
  private final AtomicReferenceArray<Window> windows;
  private final ReadFile unmapped;

  /** Asked before each mapping is made. */
  @FunctionalInterface
  interface Permit {
    /** Mapping is always allowed, and nobody counts. */
    Permit ANY = size -> () -> {};

    /** Returns what to run when the mapping is gone; null if it may not be made. */
    @Nullable Runnable map(long size);
  }

  /**
   * Maps nothing yet.
   *
   * @param file where the file is now; asked whenever it is opened
   * @param length bytes the file must have when a window is mapped, at least 1
   * @param windowLength bytes mapped together, at least 1
   */
  MappedFile(Supplier<Path> file, long length, int windowLength, Permit permit) {
    this(file, new ReadFile(file), length, windowLength, permit);
  }

  /**
   * Maps nothing yet.
   *
   * @param unmapped opens the file, and reads what isn't mapped
   */
  MappedFile(Supplier<Path> file, ReadFile unmapped, long length, int windowLength, Permit permit) {
    this.file = file;
    this.unmapped = unmapped;
    this.length = length;
    this.windowLength = windowLength;
    this.permit = permit;
    this.windows =
        new AtomicReferenceArray<>(Math.toIntExact((length + windowLength - 1) / windowLength));
  }

  @Override
  public Slice slice(long position, int max) throws IOException {
    return slice(position, max, SliceSource::slice);
  }

  @Override
  public Slice ahead(long position, int max) throws IOException {
    return slice(position, max, SliceSource::ahead);
  }

  private Slice slice(long position, int max, Access otherwise) throws IOException {
    int index = (int) (position / windowLength);
    int from = (int) (position - start(index));
    Window window = windows.get(index);
    if (window == null || !window.hold()) {
      window = map(index);
    }
    if (window == null) {
      return otherwise.slice(unmapped, position, Math.min(max, (int) (size(index) - from)));
    }
    ByteBuffer all = window.mapping.buffer();
    return new View(all.slice(from, Math.min(max, all.capacity() - from)), position, window);
  }

  /**
   * Reads bytes into the page cache. Not by touching mapped memory: a thread that waits in a page
   * fault keeps a safepoint, and so every other thread, waiting; and there is no exception for a
   * page that is gone.
   */
  private void load(long position, int count) throws IOException {
    unmapped.hold();
    ByteBuffer scratch = BufferPool.take();
    try {
      long end = position + count;
      int read = 0;
      for (long at = position; at < end && read >= 0; at += read) {
        scratch.clear().limit((int) Math.min(scratch.capacity(), end - at));
        read = unmapped.read(scratch, at);
      }
    } finally {
      BufferPool.give(scratch);
      unmapped.letGo();
    }
  }

  /**
   * Maps a window and holds it; null if that may not or can't be. Synchronized so that it is mapped
   * once; the system call waits for no disk.
   */
  private synchronized @Nullable Window map(int index) throws IOException {
    Window there = windows.get(index);
    if (there != null && there.hold()) {
      return there;
    }
    Runnable gone = permit.map(size(index));
    if (gone == null) {
      return null;
    }
    Window made = null;
    try {
      made = unmapped.use(channel -> Optional.ofNullable(map(channel, index, gone))).orElse(null);
    } finally {
      if (made == null) {
        gone.run();
      }
    }
    if (made != null) {
      windows.set(index, made);
      unmapped.release();
    }
    return made;
  }

  /** The system has only so many mappings, 65530 on most; the rest of a large store is read. */
  private @Nullable Window map(FileChannel channel, int index, Runnable gone) throws IOException {
    // Touching a page past the end of the file would be a SIGBUS, not an exception.
    if (channel.size() < length) {
      throw new IOException(
          file.get() + ": expected " + length + " bytes, got only " + channel.size());
    }
    try {
      return new Window(Mapper.get().map(channel, start(index), size(index), gone));
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      LOG.debug("{} is read, since it can't be mapped", file.get(), e);
      return null;
    }
  }

  private long start(int index) {
    return (long) index * windowLength;
  }

  private long size(int index) {
    return Math.min(windowLength, length - start(index));
  }

  @Override
  public synchronized void release() {
    for (int i = 0; i < windows.length(); i++) {
      Window window = windows.getAndSet(i, null);
      if (window != null) {
        window.letGo();
      }
    }
    unmapped.release();
  }

  /** A mapping, held by the file as long as it is cached, and by each open slice. */
  private static final class Window {
    final Mapper.Mapping mapping;
    private final AtomicInteger holders = new AtomicInteger(2);

    /** Made with two holds: the file's and its first slice's. */
    Window(Mapper.Mapping mapping) {
      this.mapping = mapping;
    }

    /** Returns false if it is being unmapped. */
    boolean hold() {
      return holders.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
    }

    void letGo() {
      if (holders.decrementAndGet() == 0) {
        mapping.unmap().run();
      }
    }
  }

  private final class View implements Slice {
    private final ByteBuffer buffer;
    private final long position;
    private final Window window;
    private final AtomicBoolean closed = new AtomicBoolean();

    View(ByteBuffer buffer, long position, Window window) {
      this.buffer = buffer;
      this.position = position;
      this.window = window;
    }

    @Override
    public ByteBuffer buffer() {
      return buffer;
    }

    @Override
    public boolean isResident() {
      return !(buffer instanceof MappedByteBuffer mapped) || mapped.isLoaded();
    }

    @Override
    public void load() throws IOException {
      MappedFile.this.load(position, buffer.capacity());
    }

    /** Counts once, even if closed twice: others may still be reading. */
    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        window.letGo();
      }
    }
  }
}
