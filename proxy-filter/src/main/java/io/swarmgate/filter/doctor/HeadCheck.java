package io.swarmgate.filter.doctor;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Checks what the fields of one response's head say. Pure. */
final class HeadCheck {
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(30);

  private HeadCheck() {}

  /**
   * Compares Date with a clock of ours.
   *
   * @param now by that clock, when the response came
   */
  static Finding clock(HttpHeaders headers, Instant now) {
    Optional<Instant> date = date(headers);
    if (date.isEmpty()) {
      return Finding.warning(
          "clock", "no Date", "let the server send Date, or freshness is a guess");
    }
    Duration skew = Duration.between(date.get(), now).abs();
    return skew.compareTo(CLOCK_SKEW) <= 0
        ? Finding.good("clock", "the server's agrees with ours")
        : Finding.warning(
            "clock",
            "the server's and ours are " + skew.toSeconds() + " s apart",
            "run NTP on both: freshness is measured by these clocks");
  }

  private static Optional<Instant> date(HttpHeaders headers) {
    try {
      return headers
          .firstValue("Date")
          .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  static Finding length(HttpHeaders headers) {
    long length = headers.firstValueAsLong("Content-Length").orElse(-1);
    return length >= 0
        ? Finding.good("length", length + " bytes")
        : Finding.bad(
            "length",
            "no Content-Length",
            "let the server send the file as it is, not generated or compressed on the fly");
  }

  static Finding validator(HttpHeaders headers) {
    String etag = headers.firstValue("ETag").orElse("");
    if (etag.startsWith("\"")) {
      return Finding.good("validator", "strong ETag " + etag);
    }
    if (etag.startsWith("W/")) {
      return Finding.warning(
          "validator",
          "weak ETag " + etag,
          "let the server send a strong one: a weak one can't tell versions apart for ranges");
    }
    if (headers.firstValue("Last-Modified").isPresent()) {
      return Finding.warning(
          "validator",
          "Last-Modified alone",
          "let the server send a strong ETag: two versions of one second look the same");
    }
    return Finding.bad(
        "validator",
        "neither ETag nor Last-Modified",
        "let the server send a strong ETag, or downloads can't be resumed");
  }

  /** What caches may do; a second finding if that depends on the request. */
  static List<Finding> caching(HttpHeaders headers) {
    List<Finding> all = new ArrayList<>();
    all.add(cacheControl(headers));
    String vary = String.join(", ", headers.allValues("Vary"));
    if (!vary.isEmpty() && !vary.equalsIgnoreCase("Accept-Encoding")) {
      all.add(
          Finding.warning(
              "variants", "Vary: " + vary, "send these files alike to all, without Vary"));
    }
    return all;
  }

  private static Finding cacheControl(HttpHeaders headers) {
    String control = String.join(", ", headers.allValues("Cache-Control"));
    String lower = control.toLowerCase(Locale.ROOT);
    if (lower.contains("no-store") || lower.contains("private")) {
      return Finding.bad(
          "caching",
          "Cache-Control: " + control,
          "leave out no-store and private for these files, or edges keep nothing of them");
    }
    if (lower.contains("no-cache") || lower.contains("max-age=0")) {
      return Finding.note(
          "caching",
          "Cache-Control: " + control,
          "edges ask the server before each response; max-age=60 would save most of that");
    }
    Optional<String> expires = headers.firstValue("Expires");
    if (control.isEmpty() && expires.isEmpty()) {
      return Finding.note(
          "caching",
          "neither Cache-Control nor Expires",
          "say how long a version is good for, such as Cache-Control: max-age=300");
    }
    return Finding.good(
        "caching", control.isEmpty() ? "Expires: " + expires.get() : "Cache-Control: " + control);
  }

  static Finding metainfo(HttpHeaders headers) {
    boolean described =
        headers.allValues("Link").stream().anyMatch(link -> link.contains("x-bittorrent"));
    return described
        ? Finding.good("metainfo", "told by Link: edges can fetch it from the swarm")
        : Finding.note(
            "metainfo",
            "none told",
            "not hashed yet, or no Swarmgate publisher; an edge relays it, or acts as shield");
  }
}
