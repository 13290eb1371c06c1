package io.swarmgate.backend.origin;

import io.swarmgate.backend.RequestView;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * On which terms what is kept may be used again, beside its freshness.
 *
 * @param noCache whether the origin has to agree each time (RFC 9111 section 5.2.2.4)
 * @param mustRevalidate whether it has to once this is stale (sections 5.2.2.2, 5.2.2.8, 5.2.2.10)
 * @param whileRevalidating how long stale content may be sent while the origin is asked (RFC 5861
 *     section 3)
 * @param ifError how long it may stand in for a failing origin (RFC 5861 section 4); null if the
 *     origin leaves that to us
 * @param vary names of request fields that select what is sent, in lower case; Accept-Encoding
 *     isn't among them, since no coding is ever asked for (RFC 9111 section 4.1)
 */
record Terms(
    boolean noCache,
    boolean mustRevalidate,
    Duration whileRevalidating,
    @Nullable Duration ifError,
    Set<String> vary) {
  private static final String ANY = "*";

  /**
   * Reads them from a response's fields.
   *
   * @param lines a field's lines by its name
   */
  static Terms of(Function<String, List<String>> lines) {
    CacheControl control = CacheControl.of(lines.apply("Cache-Control"));
    return new Terms(
        control.has("no-cache"),
        control.has("must-revalidate")
            || control.has("proxy-revalidate")
            || control.has("s-maxage"),
        control.seconds("stale-while-revalidate").orElse(Duration.ZERO),
        control.seconds("stale-if-error").orElse(null),
        lines.apply("Vary").stream()
            .map(Lists::items)
            .flatMap(Collection::stream)
            .map(name -> name.toLowerCase(Locale.ROOT))
            .filter(name -> !name.equals("accept-encoding"))
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** Whether no request can be known to select the same again. */
  boolean variesByAnything() {
    return vary.contains(ANY);
  }

  /** Whether stale content may be sent at all (RFC 9111 section 4.2.4). */
  boolean staleAllowed() {
    return !noCache && !mustRevalidate;
  }

  /**
   * Whether a request selects what a request without any of its own fields selects: ours, by which
   * this was learned.
   */
  boolean isSelectedBy(RequestView request) {
    return vary.stream().allMatch(name -> request.fields(name).isEmpty());
  }
}
