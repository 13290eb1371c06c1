package io.swarmgate.filter.http;

import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.util.List;

/** Writes this cache's member of Cache-Status (RFC 9211). */
final class CacheStatus {
  static final String NAME = "Cache-Status";

  private static final String CACHE = "Swarmgate";

  private CacheStatus() {}

  /**
   * Says how a response is answered: a hit if all its bytes are here, else what had to be asked
   * for. Which peers or origins bring it is known only when it has been sent.
   *
   * @param asked the bytes to be sent; none for a response without any
   */
  static Field of(Cached cached, List<ByteSpan> asked) {
    long all = asked.stream().mapToLong(ByteSpan::length).sum();
    long held = asked.stream().mapToLong(cached::held).sum();
    StringBuilder value = new StringBuilder(CACHE);
    if (cached.stale()) {
      value.append("; fwd=stale");
    } else if (held == all) {
      value.append("; hit");
    } else {
      value.append(held == 0 ? "; fwd=miss" : "; fwd=partial");
    }
    value.append("; ttl=").append(cached.ttl());
    if (held < all) {
      value.append("; detail=\"").append(held).append(" of ").append(all).append(" bytes held\"");
    }
    return new Field(NAME, value.toString());
  }
}
