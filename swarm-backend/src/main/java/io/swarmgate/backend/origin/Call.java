package io.swarmgate.backend.origin;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request of ours that may be given up while it is under way. Thread-safe. */
final class Call {
  private @Nullable CompletableFuture<?> exchange;
  private boolean cancelled;

  /** Says what is under way now; it is given up at once if the call was. */
  void begins(CompletableFuture<?> now) {
    boolean unwanted;
    synchronized (this) {
      exchange = now;
      unwanted = cancelled;
    }
    if (unwanted) {
      now.cancel(true);
    }
  }

  /** Gives it up: the connection is closed, whatever has come. */
  void cancel() {
    CompletableFuture<?> open;
    synchronized (this) {
      cancelled = true;
      open = exchange;
    }
    if (open != null) {
      open.cancel(true);
    }
  }

  synchronized boolean isCancelled() {
    return cancelled;
  }
}
