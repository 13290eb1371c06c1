package io.swarmgate.backend.observe;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A reader that measures what it brings and how long that takes. */
final class MeteredReader implements ContentReader {
  private final ContentReader reader;
  private final Meter meter;
  private final Provenance otherwise;
  private final Meter.Waits waits;

  MeteredReader(ContentReader reader, Meter meter, Provenance otherwise) {
    this.reader = reader;
    this.meter = meter;
    this.otherwise = otherwise;
    this.waits = meter.waits();
  }

  @Override
  public void expect(ByteSpan span) {
    reader.expect(span);
  }

  @Override
  public @Nullable Slice poll(long position, int max) throws IOException {
    Sources before = reader.sources();
    Slice slice;
    try {
      slice = reader.poll(position, max);
    } catch (IOException | RuntimeException e) {
      waits.failed(e);
      throw e;
    }
    if (slice == null) {
      waits.nothing();
      return null;
    }
    waits.something();
    return meter.counted(slice, before, reader.sources(), otherwise);
  }

  @Override
  public void onReady(Runnable waiter) {
    reader.onReady(waiter);
  }

  @Override
  public @Nullable Sources sources() {
    Sources sources = reader.sources();
    return sources == null ? null : sources.stalled(waits.millis());
  }

  @Override
  public void close() {
    reader.close();
  }
}
