package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.HttpDate;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an origin's response allows a shared cache (RFC 9111). Pure.
 *
 * @param storable whether it may be kept at all
 * @param storableForAuthorized whether it may also if it answers a request with Authorization
 *     (section 3.5)
 * @param age how old it was when it came, by the caches it came through and the time it took
 * @param lifetime how long it is fresh from when it came; zero: ask each time
 * @param terms on which it may be used again
 */
record CacheRules(
    boolean storable, boolean storableForAuthorized, Duration age, Duration lifetime, Terms terms) {
  /** The part of its age for which what has a Last-Modified alone is taken to be fresh. */
  private static final int HEURISTIC_PART = 10;

  /**
   * Bounds of that. Asking again costs one HEAD for each file and edge, which is little; a file
   * that was replaced should not be served for long.
   */
  private static final Duration HEURISTIC_LEAST = Duration.ofSeconds(1);

  private static final Duration HEURISTIC_MOST = Duration.ofMinutes(1);

  /** Freshness of what says nothing at all about it. */
  private static final Duration UNDATED = Duration.ofSeconds(10);

  /** Reads a whole response's fields. */
  static CacheRules of(HttpHeaders headers, Instant asked, Instant now) {
    Instant modified =
        headers.firstValue("Last-Modified").flatMap(at -> date(at, now)).orElse(null);
    return of(headers::allValues, modified, asked, now);
  }

  /**
   * Reads what a 304 makes of what is kept: fields that it has not stay as they were (section
   * 4.3.4).
   *
   * @param kept brought up to date by the 304
   */
  static CacheRules ofNotModified(Head kept, HttpHeaders headers, Instant asked, Instant now) {
    return of(
        name -> {
          List<String> sent = headers.allValues(name);
          return sent.isEmpty() ? kept.lines(name) : sent;
        },
        kept.validator().lastModified(),
        asked,
        now);
  }

  /**
   * Reads a response's fields.
   *
   * @param lines a field's lines by its name
   * @param asked when it was asked for
   * @param now when it came
   */
  private static CacheRules of(
      Function<String, List<String>> lines,
      @Nullable Instant modified,
      Instant asked,
      Instant now) {
    CacheControl control = CacheControl.of(lines.apply("Cache-Control"));
    Terms terms = Terms.of(lines);
    boolean storable =
        !control.has("no-store") && !control.has("private") && !terms.variesByAnything();
    boolean shared =
        control.has("public") || control.has("must-revalidate") || control.has("s-maxage");
    Duration age = age(lines, asked, now);
    Duration fresh =
        terms.noCache()
            ? Duration.ZERO
            : control
                .seconds("s-maxage")
                .or(() -> control.seconds("max-age"))
                .orElseGet(() -> fromDates(lines, modified, now));
    Duration lifetime = fresh.compareTo(age) > 0 ? fresh.minus(age) : Duration.ZERO;
    return new CacheRules(storable, storable && shared, age, lifetime, terms);
  }

  /**
   * Section 4.2.3, without the apparent age: who has Age tells it, and a clock that is wrong must
   * not make everything stale.
   */
  private static Duration age(Function<String, List<String>> lines, Instant asked, Instant now) {
    Duration told =
        first(lines, "Age")
            .map(String::strip)
            .map(CacheControl::deltaSeconds)
            .orElse(Duration.ZERO);
    return told.plus(Duration.between(asked, now));
  }

  private static Duration fromDates(
      Function<String, List<String>> lines, @Nullable Instant modified, Instant now) {
    Instant date = first(lines, "Date").flatMap(text -> date(text, now)).orElse(now);
    Optional<String> expires = first(lines, "Expires");
    if (expires.isPresent()) {
      // An Expires that is no date means that it has passed (section 5.3).
      return date(expires.get(), now).map(end -> Duration.between(date, end)).orElse(Duration.ZERO);
    }
    return modified == null ? UNDATED : heuristic(Duration.between(modified, date));
  }

  /** Section 4.2.2. */
  private static Duration heuristic(Duration sinceChange) {
    Duration part = sinceChange.dividedBy(HEURISTIC_PART);
    if (part.compareTo(HEURISTIC_LEAST) < 0) {
      return HEURISTIC_LEAST;
    }
    return part.compareTo(HEURISTIC_MOST) > 0 ? HEURISTIC_MOST : part;
  }

  private static Optional<String> first(Function<String, List<String>> lines, String name) {
    return lines.apply(name).stream().findFirst();
  }

  /** Parses an HTTP date in any of its forms; empty if it isn't one. */
  static Optional<Instant> date(String text, Instant now) {
    return Optional.ofNullable(HttpDate.parse(text.strip(), now));
  }
}
