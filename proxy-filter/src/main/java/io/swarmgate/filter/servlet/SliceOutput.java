package io.swarmgate.filter.servlet;

import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * How bytes reach a servlet stream. One for each response, used by one thread at a time, and in
 * async mode only when the stream is ready.
 */
interface SliceOutput {
  /**
   * Hands over some of the bytes, at least one. They must stay as they are until the write has
   * completed: until this returns in blocking mode, until {@code isReady()} again in async mode.
   *
   * @return whether all of them were handed over; if not, call again with the same buffer
   */
  boolean write(ServletOutputStream out, ByteBuffer bytes) throws IOException;

  /** The best way this container knows, found out once. */
  static Supplier<SliceOutput> detect() {
    try {
      ServletOutputStream.class.getMethod("write", ByteBuffer.class);
      return ByReference::new;
    } catch (NoSuchMethodException e) {
      return ByCopy::new;
    }
  }

  /** Servlet 6.1: whole buffers, without a copy on our side. */
  final class ByReference implements SliceOutput {
    @Override
    public boolean write(ServletOutputStream out, ByteBuffer bytes) throws IOException {
      out.write(bytes);
      return true;
    }
  }

  /** Servlet 6.0, Tomcat 10.1 for one: through 64 KiB on the heap. */
  final class ByCopy implements SliceOutput {
    private static final int SIZE = 64 * 1024;

    private byte[] copy = {};

    @Override
    public boolean write(ServletOutputStream out, ByteBuffer bytes) throws IOException {
      int count = Math.min(SIZE, bytes.remaining());
      if (copy.length < count) {
        copy = new byte[count];
      }
      bytes.get(copy, 0, count);
      out.write(copy, 0, count);
      return !bytes.hasRemaining();
    }
  }
}
