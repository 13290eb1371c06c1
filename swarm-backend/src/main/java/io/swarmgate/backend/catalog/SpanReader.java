package io.swarmgate.backend.catalog;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.origin.Tally;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A reader over a span of another's bytes, whose positions count from the span's start. Counts what
 * it delivers, and gives a pin back when it is closed.
 */
final class SpanReader implements ContentReader {
  private final ContentReader reader;
  private final ByteSpan span;
  private final Tally tally;
  private final Runnable release;
  private final AtomicBoolean closed = new AtomicBoolean();

  SpanReader(ContentReader reader, ByteSpan span, Tally tally, Runnable release) {
    this.reader = reader;
    this.span = span;
    this.tally = tally;
    this.release = release;
    // Readahead must not run on into the torrent's next file.
    reader.expect(span);
  }

  @Override
  public void expect(ByteSpan expected) {
    reader.expect(
        new ByteSpan(
            Math.min(span.end(), span.start() + expected.start()),
            Math.min(span.end(), span.start() + expected.end())));
  }

  @Override
  public @Nullable Slice poll(long position, int max) throws IOException {
    if (position < 0 || position >= span.length()) {
      throw new IndexOutOfBoundsException("position " + position + " of " + span.length());
    }
    long start = span.start() + position;
    Slice slice = reader.poll(start, (int) Math.min(max, span.length() - position));
    if (slice != null) {
      tally.delivered(start, slice.buffer().remaining());
    }
    return slice;
  }

  @Override
  public void onReady(Runnable waiter) {
    reader.onReady(waiter);
  }

  @Override
  public Sources sources() {
    return tally.sources();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      reader.close();
      release.run();
    }
  }
}
