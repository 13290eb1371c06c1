package io.swarmgate.filter.http;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.HttpDate;
import io.swarmgate.backend.content.Validator;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The preconditions of a request, each evaluated by a function of its own against a representation
 * that is there (RFC 9110 section 13.1), and their order of precedence (section 13.2.2). Pure.
 */
final class Preconditions {
  /** What a precondition says. */
  enum Check {
    /** The field isn't there, or must be ignored. */
    ABSENT,
    HOLDS,
    FAILS
  }

  /** What all preconditions but If-Range say together. */
  enum Verdict {
    PROCEED,
    NOT_MODIFIED,
    PRECONDITION_FAILED
  }

  /** How far apart clocks may be; what RFC 7232 named in the same place. */
  private static final Duration CLOCKS_APART = Duration.ofSeconds(60);

  private Preconditions() {}

  /** Evaluates steps 1 to 4 of section 13.2.2; If-Range, the fifth, only matters to a Range. */
  static Verdict evaluate(RequestView request, Validator validator, Instant now) {
    Check match = ifMatch(request, validator);
    if (match == Check.ABSENT) {
      match = ifUnmodifiedSince(request, validator, now);
    }
    if (match == Check.FAILS) {
      return Verdict.PRECONDITION_FAILED;
    }
    Check noneMatch = ifNoneMatch(request, validator);
    if (noneMatch == Check.ABSENT) {
      noneMatch = ifModifiedSince(request, validator, now);
    }
    if (noneMatch == Check.FAILS) {
      return isSafe(request) ? Verdict.NOT_MODIFIED : Verdict.PRECONDITION_FAILED;
    }
    return Verdict.PROCEED;
  }

  /** Section 13.1.1. A malformed list names no tag, and so fails. */
  static Check ifMatch(RequestView request, Validator validator) {
    String value = listField(request, "If-Match");
    if (value == null) {
      return Check.ABSENT;
    }
    if (value.equals("*")) {
      return Check.HOLDS;
    }
    EntityTag current = tag(validator);
    return holdsIf(
        current != null
            && EntityTag.parseList(value).stream().anyMatch(each -> each.strongEquals(current)));
  }

  /** Section 13.1.2. */
  static Check ifNoneMatch(RequestView request, Validator validator) {
    String value = listField(request, "If-None-Match");
    if (value == null) {
      return Check.ABSENT;
    }
    if (value.equals("*")) {
      return Check.FAILS;
    }
    EntityTag current = tag(validator);
    return holdsIf(
        current == null
            || EntityTag.parseList(value).stream().noneMatch(each -> each.weakEquals(current)));
  }

  /** Section 13.1.3. */
  static Check ifModifiedSince(RequestView request, Validator validator, Instant now) {
    Instant date = dateField(request, "If-Modified-Since", now);
    Instant modified = validator.lastModified();
    if (date == null || modified == null || !isSafe(request)) {
      return Check.ABSENT;
    }
    return holdsIf(modified.isAfter(date));
  }

  /** Section 13.1.4. */
  static Check ifUnmodifiedSince(RequestView request, Validator validator, Instant now) {
    Instant date = dateField(request, "If-Unmodified-Since", now);
    Instant modified = validator.lastModified();
    if (date == null || modified == null) {
      return Check.ABSENT;
    }
    return holdsIf(!modified.isAfter(date));
  }

  /**
   * Section 13.1.5: a strong entity-tag, or the exact Last-Modified where that is strong. Anything
   * else fails, so that the whole representation is sent rather than a part of another version.
   */
  static Check ifRange(RequestView request, Validator validator, Instant dated) {
    List<String> lines = request.fields("If-Range");
    if (lines.isEmpty()) {
      return Check.ABSENT;
    }
    if (lines.size() > 1) {
      return Check.FAILS;
    }
    String value = lines.get(0).strip();
    EntityTag asked = EntityTag.parse(value);
    if (asked != null) {
      EntityTag current = tag(validator);
      return holdsIf(current != null && asked.strongEquals(current));
    }
    Instant date = HttpDate.parse(value, dated);
    return holdsIf(date != null && date.equals(validator.lastModified()) && isStrong(date, dated));
  }

  /**
   * A date is strong once its second has passed, for no later change can carry it. That is known of
   * a date by one clock, a file server's or an origin's, only by the distance of another (8.8.2.2).
   */
  private static boolean isStrong(Instant lastModified, Instant dated) {
    return !dated.isBefore(lastModified.plus(CLOCKS_APART));
  }

  private static boolean isSafe(RequestView request) {
    return request.method().equals("GET") || request.method().equals("HEAD");
  }

  private static @Nullable EntityTag tag(Validator validator) {
    String etag = validator.etag();
    return etag == null ? null : EntityTag.parse(etag);
  }

  private static @Nullable String listField(RequestView request, String name) {
    List<String> lines = request.fields(name);
    return lines.isEmpty() ? null : String.join(",", lines).strip();
  }

  /** A date that must be alone in its field; null if it is absent, repeated or malformed. */
  private static @Nullable Instant dateField(RequestView request, String name, Instant now) {
    List<String> lines = request.fields(name);
    return lines.size() == 1 ? HttpDate.parse(lines.get(0).strip(), now) : null;
  }

  private static Check holdsIf(boolean condition) {
    return condition ? Check.HOLDS : Check.FAILS;
  }
}
