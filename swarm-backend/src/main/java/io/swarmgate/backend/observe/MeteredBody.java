package io.swarmgate.backend.observe;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An origin's response that is measured on its way to the client. */
final class MeteredBody implements Body {
  private final Body body;
  private final Meter meter;
  private final Meter.Waits waits;
  private volatile long polled;

  MeteredBody(Body body, Meter meter) {
    this.body = body;
    this.meter = meter;
    this.waits = meter.waits();
  }

  @Override
  public long length() {
    return body.length();
  }

  // One thread reads at a time; the count is volatile for those who ask.
  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate")
  public @Nullable Slice poll(int max) throws IOException {
    Slice slice;
    try {
      slice = body.poll(max);
    } catch (IOException | RuntimeException e) {
      waits.failed(e);
      throw e;
    }
    if (slice == null) {
      if (!body.ended()) {
        waits.nothing();
      }
      return null;
    }
    waits.something();
    polled += slice.buffer().remaining();
    return meter.counted(slice, null, null, Provenance.ORIGIN);
  }

  @Override
  public boolean ended() {
    return body.ended();
  }

  @Override
  public void onReady(Runnable waiter) {
    body.onReady(waiter);
  }

  @Override
  public Sources sources() {
    return new Sources(0, 0, polled, waits.millis());
  }

  @Override
  public void close() {
    body.close();
  }
}
