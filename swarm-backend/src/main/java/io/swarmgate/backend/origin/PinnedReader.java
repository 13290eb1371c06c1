package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A reader that counts what it delivers and gives its generation's pin back when it is closed. */
final class PinnedReader implements ContentReader {
  private final ContentReader reader;
  private final PieceBudget budget;
  private final @Nullable Tally tally;
  private final Runnable release;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Takes over a reader.
   *
   * @param budget told of what is delivered
   * @param tally the same, by where it came from; null if nobody asks
   * @param release called once, when it is closed
   */
  PinnedReader(ContentReader reader, PieceBudget budget, @Nullable Tally tally, Runnable release) {
    this.reader = reader;
    this.budget = budget;
    this.tally = tally;
    this.release = release;
  }

  @Override
  public void expect(ByteSpan span) {
    reader.expect(span);
  }

  @Override
  public @Nullable Slice poll(long position, int max) throws IOException {
    Slice slice = reader.poll(position, max);
    if (slice != null) {
      int count = slice.buffer().remaining();
      budget.delivered(count);
      if (tally != null) {
        tally.delivered(position, count);
      }
    }
    return slice;
  }

  @Override
  public void onReady(Runnable waiter) {
    reader.onReady(waiter);
  }

  @Override
  public @Nullable Sources sources() {
    return tally == null ? null : tally.sources();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      reader.close();
      release.run();
    }
  }
}
