package io.swarmgate.filter.http;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A body of one range of a representation. Owns its reader. */
final class RangeBody implements Body {
  private final ContentReader reader;
  private final ByteSpan span;
  private long position;

  RangeBody(ContentReader reader, ByteSpan span) {
    this.reader = reader;
    this.span = span;
    this.position = span.start();
    reader.expect(span);
  }

  @Override
  public long length() {
    return span.length();
  }

  @Override
  public @Nullable Slice poll(int max) throws IOException {
    if (ended()) {
      return null;
    }
    Slice slice = reader.poll(position, (int) Math.min(max, span.end() - position));
    if (slice != null) {
      position += slice.buffer().remaining();
    }
    return slice;
  }

  @Override
  public boolean ended() {
    return position == span.end();
  }

  @Override
  public void onReady(Runnable waiter) {
    reader.onReady(waiter);
  }

  @Override
  public @Nullable Sources sources() {
    return reader.sources();
  }

  @Override
  public void close() {
    reader.close();
  }
}
