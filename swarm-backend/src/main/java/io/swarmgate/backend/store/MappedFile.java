package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A file mapped window by window, each at its first use and then kept. Slices are views of the
 * windows and keep them mapped; a window without view or cache is unmapped by the garbage
 * collector.
 *
 * <p>No channel is kept open: an interrupt would close it for everyone.
 */
final class MappedFile implements SliceSource {
  private final Path file;
  private final long length;
  private final int windowLength;
  private final MappingListener listener;
  private final AtomicReferenceArray<ByteBuffer> windows;

  /** Told of each mapping when it is made. */
  @FunctionalInterface
  interface MappingListener {
    void mapped(MappedByteBuffer root);
  }

  /**
   * Maps nothing yet.
   *
   * @param length bytes the file must have when a window is mapped, at least 1
   * @param windowLength bytes mapped together, at least 1
   */
  MappedFile(Path file, long length, int windowLength, MappingListener listener) {
    this.file = file;
    this.length = length;
    this.windowLength = windowLength;
    this.listener = listener;
    this.windows =
        new AtomicReferenceArray<>(Math.toIntExact((length + windowLength - 1) / windowLength));
  }

  @Override
  public Slice slice(long position, int max) throws IOException {
    int index = (int) (position / windowLength);
    ByteBuffer window = windows.get(index);
    if (window == null) {
      window = map(index);
    }
    int from = (int) (position - start(index));
    int count = Math.min(max, window.capacity() - from);
    return new ViewSlice(window.slice(from, count));
  }

  /** Synchronized so that a window is mapped once; the system call waits for no disk. */
  private synchronized ByteBuffer map(int index) throws IOException {
    ByteBuffer there = windows.get(index);
    if (there != null) {
      return there;
    }
    long size = Math.min(windowLength, length - start(index));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      // Touching a page past the end of the file would be a SIGBUS, not an exception.
      if (channel.size() < length) {
        throw new IOException(file + ": expected " + length + " bytes, got only " + channel.size());
      }
      MappedByteBuffer root = channel.map(FileChannel.MapMode.READ_ONLY, start(index), size);
      listener.mapped(root);
      windows.set(index, root);
      return root;
    }
  }

  private long start(int index) {
    return (long) index * windowLength;
  }

  @Override
  public synchronized void release() {
    for (int i = 0; i < windows.length(); i++) {
      windows.set(i, null);
    }
  }

  /** A view whose memory the garbage collector looks after. */
  private record ViewSlice(ByteBuffer buffer) implements Slice {
    @Override
    public void close() {}
  }
}
