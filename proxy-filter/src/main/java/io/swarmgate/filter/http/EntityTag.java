package io.swarmgate.filter.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entity-tag (RFC 9110 section 8.8.3).
 *
 * @param weak whether it is marked {@code W/}
 * @param opaque what stands between the quotes
 */
record EntityTag(boolean weak, String opaque) {
  private static final String WEAK = "W/";

  /** Reads one tag that fills the whole text; null if it is malformed. */
  static @Nullable EntityTag parse(String text) {
    int end = end(text, 0);
    return end == text.length() ? of(text, 0, end) : null;
  }

  /**
   * Reads a comma list up to its first malformed element: a tag in front of one still counts.
   *
   * @param text a field's lines, joined by commas
   */
  static List<EntityTag> parseList(String text) {
    List<EntityTag> tags = new ArrayList<>();
    int at = skipSeparators(text, 0);
    while (at < text.length()) {
      int end = end(text, at);
      if (end < 0) {
        break;
      }
      tags.add(of(text, at, end));
      at = skipSeparators(text, end);
      if (at == end) {
        break;
      }
    }
    return tags;
  }

  /** Strong comparison: both strong, and the same (RFC 9110 section 8.8.3.2). */
  boolean strongEquals(EntityTag other) {
    return !weak && !other.weak && opaque.equals(other.opaque);
  }

  /** Weak comparison: the same but for the mark. */
  boolean weakEquals(EntityTag other) {
    return opaque.equals(other.opaque);
  }

  private static EntityTag of(String text, int start, int end) {
    boolean weak = text.startsWith(WEAK, start);
    int quote = weak ? start + WEAK.length() : start;
    return new EntityTag(weak, text.substring(quote + 1, end - 1));
  }

  /** Where the tag that starts at {@code start} ends, exclusive; -1 if there is none. */
  private static int end(String text, int start) {
    int quote = text.startsWith(WEAK, start) ? start + WEAK.length() : start;
    if (quote >= text.length() || text.charAt(quote) != '"') {
      return -1;
    }
    for (int i = quote + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        return i + 1;
      }
      if (c <= ' ' || c == 0x7f) {
        return -1;
      }
    }
    return -1;
  }

  private static int skipSeparators(String text, int from) {
    int at = from;
    while (at < text.length() && " \t,".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at;
  }
}
