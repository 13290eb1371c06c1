package io.swarmgate.filter.testing;

import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.content.Validator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A representation whose bytes follow a pattern, and can be held back as on a cold edge. Counts
 * what is opened and closed; a closed slice's bytes are overwritten, so that a write that still
 * needs them shows.
 */
public final class MemoryRepresentation implements Representation {
  private static final ExecutorService HAND_OFF =
      Executors.newFixedThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "hand-off");
            thread.setDaemon(true);
            return thread;
          });

  public final AtomicInteger closes = new AtomicInteger();
  public final AtomicInteger readersOpened = new AtomicInteger();
  public final AtomicInteger readersClosed = new AtomicInteger();
  public final AtomicInteger slicesOpened = new AtomicInteger();
  public final AtomicInteger slicesClosed = new AtomicInteger();
  public final AtomicInteger slicesClosedTwice = new AtomicInteger();

  /** Readers that have parked, in all. */
  public final AtomicInteger parked = new AtomicInteger();

  private final long length;
  private final Validator validator;
  private final @Nullable String contentType;
  private final List<Field> fields;
  private long released;
  private int trickle;
  private @Nullable Instant dated;
  private @Nullable Cached cached;
  private @Nullable IOException failure;
  private final Set<Reader> waiting = new HashSet<>();

  public MemoryRepresentation(
      long length, Validator validator, @Nullable String contentType, List<Field> fields) {
    this.length = length;
    this.validator = validator;
    this.contentType = contentType;
    this.fields = fields;
    this.released = length;
  }

  public MemoryRepresentation(long length) {
    this(length, new Validator("\"memory\"", null), "application/octet-stream", List.of());
  }

  /** The executor that waiters run on. */
  public static Executor handOff() {
    return HAND_OFF;
  }

  /** The byte at a position. */
  public static byte at(long position) {
    return (byte) (position * 31 + (position >> 8) * 7 + (position >> 16));
  }

  /** Makes it a cache's. */
  public MemoryRepresentation cached(Cached how) {
    cached = how;
    return this;
  }

  /** Makes it a cache's, whose origin said so then. */
  public MemoryRepresentation asOf(Instant then) {
    dated = then;
    return this;
  }

  /** Holds back everything from here on. */
  public synchronized MemoryRepresentation releasedTo(long position) {
    released = position;
    return this;
  }

  /** Holds back every byte until a reader has waited for it, and then gives this many. */
  public synchronized MemoryRepresentation trickling(int bytes) {
    released = 0;
    trickle = bytes;
    return this;
  }

  /** Brings bytes, and wakes whoever waits. */
  public void release(long position) {
    synchronized (this) {
      released = position;
    }
    wake();
  }

  /** Fails every read from what is released on. */
  public void fail(IOException cause) {
    synchronized (this) {
      failure = cause;
    }
    wake();
  }

  private void wake() {
    List<Reader> woken;
    synchronized (this) {
      woken = List.copyOf(waiting);
      waiting.clear();
    }
    woken.forEach(Reader::wake);
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public @Nullable String contentType() {
    return contentType;
  }

  @Override
  public Validator validator() {
    return validator;
  }

  @Override
  public Instant dated(Instant now) {
    return dated == null ? now : dated;
  }

  @Override
  public @Nullable Cached cached() {
    return cached;
  }

  @Override
  public List<Field> fields() {
    return fields;
  }

  @Override
  public ContentReader reader() {
    readersOpened.incrementAndGet();
    return new Reader();
  }

  @Override
  public void close() {
    closes.incrementAndGet();
  }

  private final class Reader implements ContentReader {
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable Runnable waiter;
    private long position;
    private volatile long delivered;

    @Override
    public @Nullable Slice poll(long from, int max) throws IOException {
      if (from < 0 || from >= length || max < 1) {
        throw new AssertionError("poll(" + from + ", " + max + ") of " + length);
      }
      synchronized (MemoryRepresentation.this) {
        if (closed.get()) {
          throw new IOException("reader closed");
        }
        position = from;
        long there = Math.min(max, released - from);
        if (trickle > 0 && there > 0) {
          there = Math.min(there, trickle);
        }
        if (there > 0) {
          delivered = delivered + there;
          return new MemorySlice(from, (int) there);
        }
        if (failure != null) {
          throw failure;
        }
        return null;
      }
    }

    /** On a cache, all comes from peers. */
    @Override
    public @Nullable Sources sources() {
      return cached == null ? null : new Sources(0, delivered, 0);
    }

    @Override
    public void onReady(Runnable runnable) {
      boolean now;
      synchronized (MemoryRepresentation.this) {
        waiter = runnable;
        now = trickle > 0 || failure != null || released > position;
        if (trickle > 0) {
          released = position + trickle;
        }
        if (!now) {
          waiting.add(this);
        }
      }
      parked.incrementAndGet();
      if (now) {
        wake();
      }
    }

    void wake() {
      Runnable woken;
      synchronized (MemoryRepresentation.this) {
        woken = waiter;
        waiter = null;
      }
      if (woken != null) {
        HAND_OFF.execute(woken);
      }
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        readersClosed.incrementAndGet();
        synchronized (MemoryRepresentation.this) {
          waiting.remove(this);
          waiter = null;
        }
      }
    }
  }

  private final class MemorySlice implements Slice {
    private final ByteBuffer buffer;
    private final AtomicBoolean closed = new AtomicBoolean();

    MemorySlice(long from, int count) {
      slicesOpened.incrementAndGet();
      buffer = ByteBuffer.allocateDirect(count);
      for (int i = 0; i < count; i++) {
        buffer.put(i, at(from + i));
      }
    }

    @Override
    public ByteBuffer buffer() {
      return buffer;
    }

    @Override
    public void close() {
      if (!closed.compareAndSet(false, true)) {
        slicesClosedTwice.incrementAndGet();
        return;
      }
      // A write that failed half-way may have left a smaller limit.
      ByteBuffer all = buffer.duplicate().clear();
      while (all.hasRemaining()) {
        all.put((byte) 0xee);
      }
      slicesClosed.incrementAndGet();
    }
  }
}
