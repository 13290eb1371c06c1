package io.swarmgate.backend.store;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file on disk: everything is there, so nothing waits for anything but the disk.
 *
 * <p>The file's guard holds for what was handed out before the last check of it, if that has been
 * used by then, as the reader's user does. So the end of what is expected is handed out as a copy,
 * which is checked after it was made.
 *
 * <p>When the guard fails, a reader of a hashed file goes on with what it opened, which is the old
 * file where a new one was put in its place: but each piece is hashed first, beginning with those
 * of what was handed out last. A file overwritten in place thus ends the reader at the first byte
 * that differs, and no sooner. A reader of a file that isn't hashed ends at once.
 */
final class GuardedFileReader implements ContentReader {
  /** What waits for the disk must not have to wait for a response that goes on writing. */
  private static final Executor HAND_OFF =
      Prefault.threads(
          "swarmgate-wake-file", Math.max(2, Runtime.getRuntime().availableProcessors()));

  private final GuardedFile file;
  private final Prefault prefault = new Prefault(this::wake);
  private final AtomicReference<@Nullable Runnable> waiter = new AtomicReference<>();
  private final AtomicReference<@Nullable Slice> proven = new AtomicReference<>();

  /** Where a piece is being hashed, or was: of the thread that does, then of the reader's. */
  private volatile boolean proving;

  private @Nullable IOException failure;
  private @Nullable ProvenFile old;

  /** Of the reading thread. */
  private long expectedEnd;

  private ByteSpan last = new ByteSpan(0, 0);
  private @Nullable FileChangedException changed;
  private long provenStart = -1;

  /** Whether the file is held open. Guarded by this. */
  private boolean holding;

  private volatile boolean closed;

  GuardedFileReader(GuardedFile file) {
    this.file = file;
    this.expectedEnd = file.length();
  }

  @Override
  public void expect(ByteSpan span) {
    expectedEnd = span.end();
  }

  @Override
  public @Nullable Slice poll(long position, int max) throws IOException {
    hold();
    Slice slice = changed == null ? guarded(position, max) : null;
    if (changed != null) {
      slice = proven(position, max, changed);
    }
    if (slice != null) {
      last = new ByteSpan(position, position + slice.buffer().remaining());
    }
    return slice;
  }

  /** Opened for good with the first bytes: from then on this is the file that is read. */
  private synchronized void hold() throws IOException {
    if (closed) {
      throw new IOException(file.path() + ": the reader is closed");
    }
    if (!holding) {
      file.hold();
      holding = true;
    }
  }

  private @Nullable Slice guarded(long position, int max) throws IOException {
    try {
      int most = (int) Math.min(prefault.most(position, max), toCopy(position));
      Slice slice = prefault.pass(position, file.slice(position, most));
      if (slice == null || position + most < expectedEnd || most > BufferPool.LENGTH) {
        return slice;
      }
      slice.close();
      return file.copy(position, most);
    } catch (FileChangedException e) {
      changed = e;
      return null;
    }
  }

  /**
   * Bytes up to where the copy begins that ends what is expected; or that copy's, if it is next.
   */
  private long toCopy(long position) {
    long left = expectedEnd - position;
    return left <= 0 ? Long.MAX_VALUE : left <= BufferPool.LENGTH ? left : left - BufferPool.LENGTH;
  }

  /** As {@link #poll}, once the file has changed. Pieces are hashed on a thread for the disk. */
  private @Nullable Slice proven(long position, int max, FileChangedException cause)
      throws IOException {
    if (proving) {
      return null;
    }
    if (failure != null) {
      throw failure;
    }
    Slice ready = proven.getAndSet(null);
    if (ready != null && provenStart == position && ready.buffer().remaining() <= max) {
      return ready;
    }
    provenStart = position;
    proving = true;
    ByteSpan before = last;
    Prefault.DISK.execute(() -> prove(position, max, before, cause));
    return null;
  }

  private void prove(long position, int max, ByteSpan before, FileChangedException cause) {
    try {
      if (old == null) {
        Optional<Metainfo> metainfo = file.hashes();
        if (metainfo.isEmpty()) {
          throw cause;
        }
        ProvenFile made = new ProvenFile(file.opened(), metainfo.get());
        made.check(before);
        old = made;
      }
      proven.set(old.slice(position, max));
    } catch (IOException | RuntimeException e) {
      failure = e == cause ? cause : new IOException(cause.getMessage() + "; " + e.getMessage(), e);
    } finally {
      proving = false;
      wake();
    }
  }

  @Override
  public void onReady(Runnable ready) {
    waiter.set(ready);
    // Guards against a read that ended before it could see the waiter.
    if (!prefault.isReading() && !proving) {
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
    boolean held;
    synchronized (this) {
      closed = true;
      held = holding;
      holding = false;
    }
    waiter.set(null);
    if (held) {
      file.letGo();
    }
  }
}
