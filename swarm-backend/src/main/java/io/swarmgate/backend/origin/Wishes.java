package io.swarmgate.backend.origin;

import io.swarmgate.backend.RequestView;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks of caches (RFC 9111 section 5.2.1). max-stale and no-store are left out:
 * nobody is given stale content who needn't be, and nothing of a request is ever kept.
 *
 * @param maxAge how old an answer may be; no-cache means zero; null for any age
 * @param minFresh how long it shall stay fresh
 * @param onlyIfCached whether the origin must not be asked
 */
record Wishes(@Nullable Duration maxAge, Duration minFresh, boolean onlyIfCached) {
  /**
   * What was validated so lately satisfies any wish, so that clients can't have the origin asked
   * more often.
   */
  private static final Duration RECENT = Duration.ofSeconds(1);

  /** What most requests say: nothing. */
  private static final Wishes NONE = new Wishes(null, Duration.ZERO, false);

  static Wishes of(RequestView request) {
    List<String> lines = request.fields("Cache-Control");
    if (lines.isEmpty()) {
      // HTTP/1.0's (section 5.4).
      lines = request.fields("Pragma").stream().filter("no-cache"::equalsIgnoreCase).toList();
    }
    if (lines.isEmpty()) {
      return NONE;
    }
    CacheControl control = CacheControl.of(lines);
    return new Wishes(
        control.has("no-cache") ? Duration.ZERO : control.seconds("max-age").orElse(null),
        control.seconds("min-fresh").orElse(Duration.ZERO),
        control.has("only-if-cached"));
  }

  /**
   * Whether fresh content will do.
   *
   * @param age since it was validated
   * @param left until it is stale
   */
  boolean areMetBy(Duration age, Duration left) {
    if (age.compareTo(RECENT) < 0) {
      return true;
    }
    Duration most = maxAge;
    return (most == null || age.compareTo(most) <= 0) && left.compareTo(minFresh) >= 0;
  }

  /** Whether caches between us and the origin must not answer in its place. */
  boolean reload() {
    Duration most = maxAge;
    return most != null && most.isZero();
  }
}
