package io.swarmgate.filter.http;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Slice;
import org.jspecify.annotations.Nullable;

/** A body without content. */
enum EmptyBody implements Body {
  INSTANCE;

  @Override
  public long length() {
    return 0;
  }

  @Override
  public @Nullable Slice poll(int max) {
    return null;
  }

  @Override
  public boolean ended() {
    return true;
  }

  @Override
  public void onReady(Runnable waiter) {
    throw new IllegalStateException("an empty body is ended, there is nothing to wait for");
  }

  @Override
  public void close() {}
}
