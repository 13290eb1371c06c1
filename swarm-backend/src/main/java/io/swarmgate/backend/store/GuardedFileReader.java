package io.swarmgate.backend.store;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Reads a file on disk: everything is there, so nothing waits for anything but the disk. */
final class GuardedFileReader implements ContentReader {
  /** What waits for the disk must not have to wait for a response that goes on writing. */
  private static final Executor HAND_OFF =
      Prefault.threads(
          "swarmgate-wake-file", Math.max(2, Runtime.getRuntime().availableProcessors()));

  private final GuardedFile file;
  private final Prefault prefault = new Prefault(this::wake);
  private final AtomicReference<@Nullable Runnable> waiter = new AtomicReference<>();
  private volatile boolean closed;

  GuardedFileReader(GuardedFile file) {
    this.file = file;
  }

  @Override
  public @Nullable Slice poll(long position, int max) throws IOException {
    if (closed) {
      throw new IOException(file.path() + ": the reader is closed");
    }
    return prefault.pass(position, file.slice(position, prefault.most(position, max)));
  }

  @Override
  public void onReady(Runnable ready) {
    waiter.set(ready);
    // Guards against a read that ended before it could see the waiter.
    if (!prefault.isReading()) {
      wake();
    }
  }

  private void wake() {
    Runnable ready = waiter.getAndSet(null);
    if (ready != null) {
      HAND_OFF.execute(ready);
    }
  }

  @Override
  public void close() {
    closed = true;
    waiter.set(null);
  }
}
