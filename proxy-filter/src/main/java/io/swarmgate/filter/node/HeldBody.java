package io.swarmgate.filter.node;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A body that holds a response's place until it is closed. */
record HeldBody(Body held, ResponseLimits.Place place) implements Body {
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
    place.giveBack();
    held.close();
  }
}
