package io.swarmgate.backend.origin;

import java.util.Arrays;
import java.util.List;

/** The comma lists of HTTP fields whose items hold no quoted commas (RFC 9110 section 5.6.1). */
final class Lists {
  private Lists() {}

  /** The items, trimmed; empty ones count for nothing. */
  static List<String> items(String value) {
    return Arrays.stream(value.split(",", -1))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }
}
