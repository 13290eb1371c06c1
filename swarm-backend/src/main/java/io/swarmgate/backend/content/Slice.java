package io.swarmgate.backend.content;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Some verified bytes, ready to be written. The holder closes it exactly once, when its write has
 * completed; until then the bytes stay where they are, whatever is evicted or replaced meanwhile.
 */
public interface Slice extends AutoCloseable {
  /**
   * The bytes, from position to limit: at least one, usually mapped memory. The same buffer at each
   * call; its position may be moved, its content must not be changed.
   */
  ByteBuffer buffer();

  /** Whether the bytes are in memory, so that using them waits for no disk. One system call. */
  default boolean isResident() {
    return true;
  }

  /**
   * Reads the bytes into memory. Waits for the disk; not for a container's thread or an I/O loop.
   *
   * @throws IOException if they can't be read
   */
  default void load() throws IOException {}

  /** Gives the bytes back. Never fails. */
  @Override
  void close();
}
