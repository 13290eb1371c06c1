package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import java.io.IOException;

/**
 * Where a file's bytes come from: mapped windows, or reads into pooled buffers. Thread-safe. Knows
 * nothing of holes and changes: whoever asks has made sure that the bytes are there.
 */
interface SliceSource {
  /** One of the two ways to have bytes. */
  @FunctionalInterface
  interface Access {
    Slice slice(SliceSource of, long position, int max) throws IOException;
  }

  /**
   * Returns bytes from {@code position} on, at least one and at most {@code max}.
   *
   * @param position in {@code [0, length)}
   * @param max at least 1
   */
  Slice slice(long position, int max) throws IOException;

  /** As {@link #slice}, but waits for no disk: see {@link PieceStore#ahead}. */
  default Slice ahead(long position, int max) throws IOException {
    return slice(position, max);
  }

  /** Lets go of what is cached. Slices stay valid, and a later one opens the file again. */
  void release();
}
