package io.swarmgate.backend.origin;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The directives of Cache-Control, of a request or a response (RFC 9111 section 5.2).
 *
 * @param directives arguments by name in lower case, unquoted; empty where there is none. Of
 *     directives that are there twice, the first
 */
record CacheControl(Map<String, String> directives) {
  private static final Pattern DIRECTIVE =
      Pattern.compile(
          "\\s*([^\\s=,;\"]+)\\s*(?:=\\s*(?:\"((?:\\\\.|[^\"\\\\])*)\"|([^\\s,\"]*)))?[^,]*,?");

  /** Reads the field's lines. */
  static CacheControl of(List<String> lines) {
    Map<String, String> directives = new HashMap<>();
    for (String line : lines) {
      Matcher directive = DIRECTIVE.matcher(line);
      while (directive.find()) {
        String quoted = directive.group(2);
        String token = directive.group(3);
        String argument = quoted != null ? quoted : token != null ? token : "";
        directives.putIfAbsent(directive.group(1).toLowerCase(Locale.ROOT), argument);
      }
    }
    return new CacheControl(Map.copyOf(directives));
  }

  boolean has(String name) {
    return directives.containsKey(name);
  }

  /** A directive's seconds; zero if they are no number, empty if the directive isn't there. */
  Optional<Duration> seconds(String name) {
    return Optional.ofNullable(directives.get(name)).map(CacheControl::deltaSeconds);
  }

  /** Delta-seconds; zero for what isn't any, so that it counts as stale (section 4.2.1). */
  static Duration deltaSeconds(String text) {
    if (!text.matches("\\d+")) {
      return Duration.ZERO;
    }
    // Longer than anything is kept (section 1.2.2).
    return Duration.ofSeconds(text.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(text));
  }
}
