package io.swarmgate.filter.node;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A body that holds a response's place until it is closed. */
final class HeldBody implements Body {
  private final Body held;
  private final ResponseLimits.Place place;
  private final AtomicBoolean closed = new AtomicBoolean();

  HeldBody(Body held, ResponseLimits.Place place) {
    this.held = held;
    this.place = place;
  }

  @Override
  public long length() {
    return held.length();
  }

  @Override
  public @Nullable Slice poll(int max) throws IOException {
    place.check();
    return held.poll(max);
  }

  @Override
  public boolean ended() {
    return held.ended();
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
