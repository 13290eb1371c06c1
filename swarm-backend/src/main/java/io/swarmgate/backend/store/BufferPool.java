package io.swarmgate.backend.store;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/** Direct buffers of 64 KiB for reuse, because making and freeing them is slow. Thread-safe. */
final class BufferPool {
  /** Bytes in a buffer. */
  static final int LENGTH = 64 << 10;

  /** Most buffers kept, 16 MiB in all; more may be in use. */
  private static final int KEPT = 256;

  private static final ArrayBlockingQueue<ByteBuffer> FREE = new ArrayBlockingQueue<>(KEPT);

  private BufferPool() {}

  static ByteBuffer take() {
    ByteBuffer buffer = FREE.poll();
    return buffer == null ? ByteBuffer.allocateDirect(LENGTH) : buffer;
  }

  static void give(ByteBuffer buffer) {
    buffer.clear();
    boolean unused = FREE.offer(buffer);
  }
}
