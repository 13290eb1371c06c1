package io.swarmgate.backend.content;

import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one representation's bytes, from any position, without ever blocking.
 *
 * <p>A position that is not there yet becomes demand for it; reading on makes the demand grow ahead
 * of the reader, and reading elsewhere is a seek, which makes it small again. Used by one thread at
 * a time. Holds its representation's generation until closed.
 */
public interface ContentReader extends AutoCloseable {
  /**
   * Says which bytes will be asked for, so that demand starts there and never goes beyond.
   * Everything by default; polling elsewhere is still allowed.
   */
  default void expect(ByteSpan span) {}

  /**
   * Returns bytes from {@code position} on, or null if they are not there yet.
   *
   * @param position in {@code [0, length)}
   * @param max most bytes wanted, at least 1; fewer may come
   * @throws StalledException if the sources are gone and the stall limit has passed
   * @throws IOException if they will never come: the file changed, the reader is closed. The
   *     response must be aborted.
   */
  @Nullable Slice poll(long position, int max) throws IOException;

  /**
   * Runs {@code waiter} once, when the position last polled in vain may be ready or has failed. At
   * most one waiter waits at a time. It runs on the hand-off executor, never on the calling thread
   * and never under a lock, and may run early; poll again.
   */
  void onReady(Runnable waiter);

  /** Where the bytes read so far came from; null where there is only one place. From any thread. */
  default @Nullable Sources sources() {
    return null;
  }

  /** Withdraws the demand and drops a waiter that has not run. Idempotent, from any thread. */
  @Override
  void close();
}
