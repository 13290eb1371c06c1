package io.swarmgate.filter.node;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A reader that holds a response's place until it is closed. */
record HeldReader(ContentReader held, ResponseLimits.Place place) implements ContentReader {
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
    place.giveBack();
    held.close();
  }
}
