package io.swarmgate.filter.node;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A reader that holds a response's place until it is closed. */
final class HeldReader implements ContentReader {
  private final ContentReader held;
  private final ResponseLimits.Place place;
  private final AtomicBoolean closed = new AtomicBoolean();

  HeldReader(ContentReader held, ResponseLimits.Place place) {
    this.held = held;
    this.place = place;
  }

  @Override
  public void expect(ByteSpan span) {
    held.expect(span);
  }

  @Override
  public @Nullable Slice poll(long position, int max) throws IOException {
    place.check();
    return held.poll(position, max);
  }

  @Override
  public void onReady(Runnable waiter) {
    held.onReady(waiter);
  }

  @Override
  public @Nullable Sources sources() {
    return held.sources();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      place.giveBack();
      held.close();
    }
  }
}
