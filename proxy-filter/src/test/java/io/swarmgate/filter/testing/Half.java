package io.swarmgate.filter.testing;

import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.metainfo.ByteSpan;

/**
 * A cache that has all bytes below a position.
 *
 * @param end the position
 */
public record Half(long end, boolean stale, long ttl) implements Cached {
  @Override
  public long held(ByteSpan span) {
    return Math.max(0, Math.min(span.end(), end) - span.start());
  }
}
