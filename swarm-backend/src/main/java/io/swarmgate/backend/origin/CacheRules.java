package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.HttpDate;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What an origin's response allows a shared cache (RFC 9111). Pure.
 *
 * @param storable whether it may be kept at all
 * @param age how old it was when it came, by the caches it came through
 * @param lifetime how long it is fresh from when it came; zero: ask each time
 * @param staleAllowed whether it may stand in, once stale, for an origin that fails
 */
record CacheRules(boolean storable, Duration age, Duration lifetime, boolean staleAllowed) {
  /** Freshness of what says nothing about it. */
  private static final Duration HEURISTIC = Duration.ofSeconds(10);

  /**
   * Reads a response's fields.
   *
   * @param now when it came
   */
  static CacheRules of(HttpHeaders headers, Instant now) {
    Map<String, String> directives = directives(headers);
    boolean storable =
        !directives.containsKey("no-store")
            && !directives.containsKey("private")
            && headers.allValues("Vary").stream().allMatch(CacheRules::isServed);
    boolean noCache = directives.containsKey("no-cache");
    boolean staleAllowed =
        !noCache
            && !directives.containsKey("must-revalidate")
            && !directives.containsKey("proxy-revalidate")
            && !directives.containsKey("s-maxage");
    Duration age = seconds(headers.firstValue("Age").orElse("0").strip());
    Duration lifetime = noCache ? Duration.ZERO : lifetime(directives, headers, age, now);
    return new CacheRules(storable, age, lifetime, staleAllowed);
  }

  /** The representation is always asked for without coding, so that coding needn't select it. */
  private static boolean isServed(String vary) {
    return vary.isBlank() || vary.strip().equalsIgnoreCase("Accept-Encoding");
  }

  private static Duration lifetime(
      Map<String, String> directives, HttpHeaders headers, Duration age, Instant now) {
    String given = directives.getOrDefault("s-maxage", directives.get("max-age"));
    Duration fresh = given == null ? fromDates(headers, now) : seconds(given);
    return fresh.compareTo(age) > 0 ? fresh.minus(age) : Duration.ZERO;
  }

  private static Duration fromDates(HttpHeaders headers, Instant now) {
    Optional<String> expires = headers.firstValue("Expires");
    if (expires.isEmpty()) {
      return HEURISTIC;
    }
    Optional<Instant> end = date(expires.get(), now);
    Optional<Instant> begin = headers.firstValue("Date").flatMap(date -> date(date, now));
    // An Expires that is no date means that it has passed; what has no Date is as of when it came.
    return end.isPresent() ? Duration.between(begin.orElse(now), end.get()) : Duration.ZERO;
  }

  /** Parses an HTTP date in any of its forms; empty if it isn't one. */
  static Optional<Instant> date(String text, Instant now) {
    return Optional.ofNullable(HttpDate.parse(text.strip(), now));
  }

  private static Duration seconds(String text) {
    // More than any use has; what is no number at all is taken as stale.
    return text.matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(text)) : tooLong(text);
  }

  private static Duration tooLong(String text) {
    return text.matches("\\d+") ? Duration.ofSeconds(Integer.MAX_VALUE) : Duration.ZERO;
  }

  private static Map<String, String> directives(HttpHeaders headers) {
    Map<String, String> directives = new HashMap<>();
    for (String line : headers.allValues("Cache-Control")) {
      for (String directive : Lists.items(line)) {
        String[] parts = directive.split("=", 2);
        String value = parts.length < 2 ? "" : parts[1].strip().replace("\"", "");
        directives.putIfAbsent(parts[0].strip().toLowerCase(Locale.ROOT), value);
      }
    }
    return directives;
  }
}
