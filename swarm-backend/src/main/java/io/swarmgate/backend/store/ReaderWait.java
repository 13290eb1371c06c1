package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where one reader waits: its waiter, and its way past bytes that are here but not in memory. Those
 * it is woken for by itself; for bytes that are yet to come, by whoever brings them.
 */
public final class ReaderWait {
  private final Executor handOff;
  private final Prefault prefault = new Prefault(this::wake);
  private final AtomicReference<@Nullable Runnable> waiter = new AtomicReference<>();

  /** Of the reading thread. */
  private boolean forDisk;

  /** What is read, as {@link PieceStore#slice} is. */
  @FunctionalInterface
  public interface From {
    @Nullable Slice slice(long position, int max) throws IOException;
  }

  /**
   * Nobody waits yet.
   *
   * @param handOff where waiters run
   */
  public ReaderWait(Executor handOff) {
    this.handOff = handOff;
  }

  /** On the reading thread: bytes that are in memory; null if there are none at the moment. */
  public @Nullable Slice poll(From from, long position, int max) throws IOException {
    Slice here = from.slice(position, prefault.most(position, max));
    Slice slice = here == null ? null : prefault.pass(position, here);
    forDisk = here != null && slice == null;
    return slice;
  }

  /** On the reading thread: whether the bytes last polled in vain are here, but not in memory. */
  public boolean isForDisk() {
    return forDisk;
  }

  /**
   * On the reading thread: sets who is woken, once.
   *
   * @return whether somebody else has to do that, since the bytes are yet to come
   */
  public boolean onReady(Runnable ready) {
    waiter.set(ready);
    if (forDisk && !prefault.isReading()) {
      // Guards against a read that ended before it could see the waiter.
      wake();
    }
    return !forDisk;
  }

  /** Whether there is a waiter. From any thread, as all that follows. */
  public boolean hasWaiter() {
    return waiter.get() != null;
  }

  /** Runs the waiter, if there is one, on the hand-off executor. */
  public void wake() {
    Runnable ready = waiter.getAndSet(null);
    if (ready != null) {
      handOff.execute(ready);
    }
  }

  /** Forgets the waiter. */
  public void withdraw() {
    waiter.set(null);
  }
}
