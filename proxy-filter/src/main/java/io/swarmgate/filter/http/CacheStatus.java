package io.swarmgate.filter.http;

import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.util.ArrayList;
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
   * @param length bytes of the representation in all
   * @param asked the bytes of it that the response is about; none for a response without any
   * @param sent whether they are sent, and so stored as they come
   */
  static Field of(Cached cached, long length, List<ByteSpan> asked, boolean sent) {
    long all = 0;
    long held = 0;
    for (ByteSpan span : asked) {
      all += span.length();
      held += cached.held(span);
    }
    StringBuilder value = new StringBuilder(CACHE);
    if (cached.stale()) {
      value.append("; fwd=stale");
    } else if (held == all) {
      value.append("; hit");
    } else if (held > 0) {
      value.append("; fwd=partial");
    } else {
      // Of the URL there may be other bytes.
      value.append(cached.held(new ByteSpan(0, length)) > 0 ? "; fwd=miss" : "; fwd=uri-miss");
    }
    if (isCollapsed(cached, asked, sent && held < all)) {
      value.append("; collapsed");
    }
    value.append("; ttl=").append(cached.ttl());
    List<String> details = new ArrayList<>();
    if (held < all) {
      value.append(sent ? "; stored" : "");
      details.add(held + " of " + all + " bytes held");
    }
    String remark = cached.remark();
    if (remark != null) {
      details.add(remark);
    }
    if (!details.isEmpty()) {
      value.append("; detail=\"").append(String.join(", ", details)).append('"');
    }
    return new Field(NAME, value.toString());
  }

  /**
   * Whether another request had the origin asked for what this one needs (RFC 9211 section 2.6): if
   * the answer is fresh, or else for all that is missing.
   */
  private static boolean isCollapsed(Cached cached, List<ByteSpan> asked, boolean misses) {
    return cached.stale()
        ? cached.collapsed()
        : misses
            && asked.stream()
                .allMatch(span -> cached.held(span) == span.length() || cached.comes(span));
  }
}
