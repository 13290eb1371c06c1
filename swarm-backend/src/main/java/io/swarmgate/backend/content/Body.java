package io.swarmgate.backend.content;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one response, first to last, without ever blocking. Used by one thread at a time.
 */
public interface Body extends AutoCloseable {
  /** Bytes in all; -1 if only the end will tell. */
  long length();

  /**
   * Returns the next bytes, or null if they are not there yet or the end has come.
   *
   * @param max most bytes wanted, at least 1; fewer may come
   * @throws StalledException if nothing came for as long as may be waited
   * @throws IOException if the rest will never come; the response must be aborted
   */
  @Nullable Slice poll(int max) throws IOException;

  /** Whether every byte has been polled. */
  boolean ended();

  /**
   * Runs {@code waiter} once, when polling may bring more, the end or a failure. Same rules as
   * {@link ContentReader#onReady}.
   */
  void onReady(Runnable waiter);

  /** Where the bytes polled so far came from; null where there is only one place. */
  default @Nullable Sources sources() {
    return null;
  }

  /** Gives up the rest. Idempotent, from any thread. */
  @Override
  void close();
}
