package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader's way past slices that are not in memory: each is read on a thread that may wait for
 * the disk, and is handed out after that, whatever has become of it. Used by one thread at a time;
 * reads at most one slice at a time.
 *
 * <p>Whether a slice is in memory the system doesn't tell of files that are neither ours nor ours
 * to write (Linux' mincore, since 5.2): those are always handed out.
 */
public final class Prefault {
  private static final Logger LOG = LoggerFactory.getLogger(Prefault.class);

  /** A slow disk gains nothing from more; they end when there is nothing to read. */
  private static final int THREADS = 4;

  static final Executor DISK = threads("swarmgate-prefault", THREADS);

  private final Executor disk;
  private final Runnable done;

  /** Set by the owner's thread before a read, cleared by the disk's after it. */
  private volatile boolean reading;

  /** What was read last, half-open. It would livelock to ask again whether it is in memory. */
  private long start;

  private long end;

  /**
   * Takes who is told when a slice was read.
   *
   * @param done runs on a disk thread, after {@link #isReading} has become false; must not wait
   */
  public Prefault(Runnable done) {
    this(DISK, done);
  }

  Prefault(Executor disk, Runnable done) {
    this.disk = disk;
    this.done = done;
  }

  /** Daemon threads called {@code NAME-N}, which end when they have had nothing to do for 10 s. */
  static Executor threads(String name, int most) {
    AtomicInteger count = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            most,
            most,
            10,
            TimeUnit.SECONDS,
            // No more wait here than there are readers.
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Whether a slice is being read; {@code done} is yet to run then. */
  public boolean isReading() {
    return reading;
  }

  /** How much to slice from a position on: of what was read last, no more than was read. */
  public int most(long position, int max) {
    return wasRead(position) ? (int) Math.min(max, end - position) : max;
  }

  private boolean wasRead(long position) {
    return !reading && position >= start && position < end;
  }

  /**
   * Returns the slice if it may be handed out. If not this is null, the slice is no longer the
   * caller's, and {@code done} will run.
   *
   * @param slice begins at {@code position}; as long as {@link #most} says, or shorter
   */
  public @Nullable Slice pass(long position, Slice slice) {
    if (wasRead(position) || slice.isResident()) {
      return slice;
    }
    if (reading) {
      slice.close();
      return null;
    }
    start = position;
    end = position + slice.buffer().remaining();
    reading = true;
    disk.execute(() -> read(slice));
    return null;
  }

  private void read(Slice slice) {
    try (slice) {
      slice.load();
    } catch (IOException | RuntimeException e) {
      // Whoever uses the slice next meets the same trouble, and can say for whom it matters.
      LOG.debug("A slice could not be read ahead: {}", e.toString());
    } finally {
      reading = false;
      done.run();
    }
  }
}
