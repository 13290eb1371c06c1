package io.swarmgate.backend.origin;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an origin says about a URL when it is asked for its head, given what was known.
 *
 * @param origin which of the site's
 * @param head the representation's, now; empty if it isn't one that can be kept, or a refusal
 * @param rules on which it may be
 * @param url where it came from; a redirect may have led elsewhere
 */
record Description(
    Origin origin,
    int status,
    HttpHeaders headers,
    Optional<Head> head,
    CacheRules rules,
    URI url) {
  /** For which stale content may stand in (RFC 5861 section 4). */
  private static final Set<Integer> FAILURES = Set.of(500, 502, 503, 504);

  /**
   * Reads a response.
   *
   * @param known whose validator was asked about, if its own origin answers; null if nothing was
   *     known
   * @param asked when the request was sent
   * @param now when its response came
   */
  static Description of(
      Knowledge.@Nullable Accelerated known, Answer<?> answer, Instant asked, Instant now) {
    HttpHeaders headers = answer.headers();
    int status = answer.status();
    URI url = answer.response().uri();
    if (status == 304
        && known != null
        && known.isOf(answer.origin())
        && isAbout(known.head(), headers)) {
      Head updated = known.head().updated(headers);
      CacheRules rules = CacheRules.ofNotModified(updated, headers, asked, now);
      return new Description(answer.origin(), status, headers, Optional.of(updated), rules, url);
    }
    Optional<Head> head = status == 200 ? Head.of(headers, now) : Optional.empty();
    CacheRules rules = CacheRules.of(headers, asked, now);
    return new Description(answer.origin(), status, headers, head, rules, url);
  }

  /** Whether a 304 is about this: it names no other entity-tag (RFC 9111 section 4.3.4). */
  private static boolean isAbout(Head known, HttpHeaders headers) {
    String etag = known.validator().etag();
    return etag == null
        || headers.firstValue("ETag").map(told -> weak(told).equals(weak(etag))).orElse(true);
  }

  private static String weak(String etag) {
    String tag = etag.strip();
    return tag.startsWith("W/") ? tag.substring(2) : tag;
  }

  boolean isFailure() {
    return FAILURES.contains(status);
  }

  /**
   * Whether the origin has the version of {@code known}; another origin than its own must name it
   * by the same strong entity-tag.
   */
  boolean confirms(Knowledge.Accelerated known) {
    return status == 304
        ? head.isPresent()
        : head.filter(now -> now.isSameVersion(known.head())).isPresent()
            && (known.isOf(origin) || known.head().validator().isStrong());
  }

  /**
   * Whether what is known goes on standing in for its own origin, which another answered for: that
   * it describes the file otherwise says nothing, as long as the file is as long.
   *
   * @param usually how long that may be, unless the origin said otherwise
   */
  boolean leavesStanding(Knowledge.Accelerated known, Instant now, Duration usually) {
    return !known.isOf(origin)
        && head.filter(told -> told.length() == known.head().length()).isPresent()
        && known.mayStandIn(now, usually);
  }
}
