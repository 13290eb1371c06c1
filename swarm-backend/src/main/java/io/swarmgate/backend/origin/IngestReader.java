package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.store.ReaderWait;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A reader of a file that is being taken in, and of the swarm it has become once it is. Its
 * position is written by the reading thread and looked at by the ingest's lane.
 */
final class IngestReader implements ContentReader {
  private final Ingest ingest;
  private final Tally tally;
  private final Runnable release;
  private final List<Field> asked;
  private final AtomicBoolean released = new AtomicBoolean();
  private final ReaderWait wait;

  /** The swarm's reader, once there is one; opened by the reading thread. */
  private volatile @Nullable ContentReader later;

  private volatile ByteSpan expected;
  private volatile long position;
  private volatile boolean blocked;
  private volatile boolean closed;
  private volatile @Nullable StalledException stalled;

  /** When the wait for the present position began; written before there is a waiter. */
  private volatile long waitingSince;

  /**
   * Opens one at the first byte.
   *
   * @param asked fields to ask the origin for pieces with, once it is a swarm's
   * @param handOff where waiters run
   * @param tally told of what is delivered
   * @param release called once, when it is closed
   */
  IngestReader(Ingest ingest, List<Field> asked, Executor handOff, Tally tally, Runnable release) {
    this.asked = asked;
    this.ingest = ingest;
    this.wait = new ReaderWait(handOff);
    this.tally = tally;
    this.release = release;
    this.expected = new ByteSpan(0, ingest.layout().length());
  }

  @Override
  public void expect(ByteSpan span) {
    expected = span;
    position = span.start();
  }

  @Override
  public @Nullable Slice poll(long at, int max) throws IOException {
    if (closed) {
      throw new IOException("the reader is closed");
    }
    StalledException failed = stalled;
    if (failed != null) {
      throw new StalledException(failed);
    }
    ContentReader swarm = later(at);
    Slice slice = swarm == null ? here(at, max) : swarm.poll(at, max);
    if (slice != null) {
      tally.delivered(at, slice.buffer().remaining());
    }
    return slice;
  }

  private @Nullable ContentReader later(long at) {
    Generation published = ingest.published();
    if (later == null && published != null) {
      ContentReader opened = published.reader(asked);
      opened.expect(new ByteSpan(at, Math.max(at, expected.end())));
      later = opened;
      blocked = false;
      if (closed) {
        // Guards against a close that came between.
        opened.close();
      }
    }
    return later;
  }

  private @Nullable Slice here(long at, int max) throws IOException {
    ingest.check();
    int before = piece();
    Slice slice = wait.poll(ingest::slice, at, max);
    position = at + (slice == null ? 0 : slice.buffer().remaining());
    blocked = slice == null && !wait.isForDisk();
    if (slice != null && piece() != before) {
      ingest.moved();
    }
    return slice;
  }

  @Override
  public void onReady(Runnable ready) {
    ContentReader swarm = later;
    if (swarm != null) {
      swarm.onReady(ready);
      return;
    }
    waitingSince = System.nanoTime();
    if (wait.onReady(ready)) {
      ingest.waits(this);
    }
  }

  /** Runs the waiter, if there is one, on the hand-off executor. */
  void wake() {
    wait.wake();
  }

  /** On the lane: fails if it has waited for too long. */
  void checkStall(long now, Duration limit) {
    if (wait.hasWaiter() && blocked && now - waitingSince > limit.toNanos()) {
      stalled =
          new StalledException(
              "position " + position + ": expected a byte within " + limit + ", got none");
      wake();
    }
  }

  boolean isBlocked() {
    return blocked;
  }

  long position() {
    return Math.min(position, ingest.layout().length() - 1);
  }

  int piece() {
    return ingest.layout().pieceAt(position());
  }

  /** Position after the last byte it is expected to read. */
  long end() {
    return Math.max(expected.end(), Math.min(ingest.layout().length(), position + 1));
  }

  @Override
  public Sources sources() {
    return tally.sources();
  }

  @Override
  public void close() {
    closed = true;
    wait.withdraw();
    ingest.remove(this);
    ContentReader swarm = later;
    if (swarm != null) {
      swarm.close();
    }
    if (released.compareAndSet(false, true)) {
      release.run();
    }
  }
}
