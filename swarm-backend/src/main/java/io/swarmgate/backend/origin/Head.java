package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an origin says about a representation.
 *
 * @param length bytes in all
 * @param contentType null if it says none
 * @param validator the origin's own
 * @param fields what goes with it besides
 */
record Head(long length, @Nullable String contentType, Validator validator, List<Field> fields) {

  /** Reads a 200; empty if it has no length, or is coded although no coding was asked for. */
  static Optional<Head> of(HttpHeaders headers, Instant now) {
    OptionalLong length = length(headers);
    if (isCoded(headers) || length.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Head(
            length.getAsLong(),
            headers.firstValue("Content-Type").orElse(null),
            validator(headers, now),
            EndToEnd.kept(headers)));
  }

  /** Whether it is coded, although no coding was asked for. */
  static boolean isCoded(HttpHeaders headers) {
    return headers.allValues("Content-Encoding").stream()
        .anyMatch(coding -> !coding.isBlank() && !coding.strip().equalsIgnoreCase("identity"));
  }

  static OptionalLong length(HttpHeaders headers) {
    try {
      return headers.firstValueAsLong("Content-Length");
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private static Validator validator(HttpHeaders headers, Instant now) {
    return new Validator(
        headers.firstValue("ETag").map(String::strip).orElse(null),
        headers
            .firstValue("Last-Modified")
            .flatMap(date -> CacheRules.date(date, now))
            .orElse(null));
  }

  /** A field's lines, among those that go with it besides. */
  List<String> lines(String name) {
    return fields.stream().filter(field -> field.is(name)).map(Field::value).toList();
  }

  /** Whether {@code other} is about the same version: same length, same validator. */
  boolean isSameVersion(Head other) {
    boolean identified = validator.etag() != null || validator.lastModified() != null;
    String etag = validator.etag();
    boolean sameValidator =
        etag == null ? validator.equals(other.validator) : etag.equals(other.validator.etag());
    return identified && sameValidator && length == other.length;
  }

  /** This, brought up to date by a 304's fields (RFC 9111 section 3.2). */
  Head updated(HttpHeaders notModified) {
    List<Field> fresh = EndToEnd.kept(notModified);
    Set<String> replaced = new HashSet<>();
    fresh.forEach(field -> replaced.add(field.name().toLowerCase(Locale.ROOT)));
    List<Field> all = new ArrayList<>(fresh);
    fields.stream()
        .filter(field -> !replaced.contains(field.name().toLowerCase(Locale.ROOT)))
        .forEach(all::add);
    return new Head(length, contentType, validator, all);
  }
}
