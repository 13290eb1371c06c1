package io.swarmgate.backend.origin;

import io.swarmgate.backend.metainfo.ByteSpan;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a response is worth to who asked for some bytes of one version of a representation. */
sealed interface Fit {
  /** The bytes that were asked for. */
  record Part() implements Fit {}

  /** All of that version, from its first byte: the origin ignores Range, or wasn't sent one. */
  record Whole() implements Fit {}

  /** Another version, or none any more. */
  record Changed(String why) implements Fit {
    @Override
    public String toString() {
      return why;
    }
  }

  /** Nothing that can be used, from an origin that may do better if it is asked again. */
  record Failed(String why) implements Fit {
    @Override
    public String toString() {
      return why;
    }
  }

  /** Nothing that can be used, and asking again would be in vain. */
  record Unusable(String why) implements Fit {
    @Override
    public String toString() {
      return why;
    }
  }

  /**
   * What was asked for.
   *
   * @param span its bytes
   * @param length of the whole representation
   * @param etag the strong entity-tag of the version; null if it has none that is known here
   * @param lastModified what tells the version where there is no entity-tag; null if nothing does
   */
  record Asked(ByteSpan span, long length, @Nullable String etag, @Nullable Instant lastModified) {
    String contentRange() {
      return "bytes " + span.start() + "-" + (span.end() - 1) + "/" + length;
    }
  }

  /** Answers that say something of the moment, not of the content. */
  Set<Integer> PASSING = Set.of(408, 425, 429);

  /** Answers that say that there is no such version any more. */
  Set<Integer> GONE = Set.of(404, 410, 412, 416);

  /** Judges a response by its head. Pure. */
  static Fit of(int status, HttpHeaders headers, Asked asked, Instant now) {
    if (status >= 500 || PASSING.contains(status)) {
      return new Failed("expected " + asked.contentRange() + ", got " + status);
    }
    if (status != 200 && status != 206) {
      String why = "expected " + asked.contentRange() + ", got " + status;
      return GONE.contains(status) ? new Changed(why) : new Unusable(why);
    }
    if (Head.isCoded(headers)) {
      return new Unusable(
          "expected no coding, got " + headers.firstValue("Content-Encoding").orElse(""));
    }
    String other = otherVersion(headers, asked, now);
    if (other != null) {
      return new Changed(other);
    }
    return status == 206 ? part(headers, asked) : whole(headers, asked);
  }

  private static @Nullable String otherVersion(HttpHeaders headers, Asked asked, Instant now) {
    String expected = asked.etag();
    if (expected != null) {
      String got = headers.firstValue("ETag").map(String::strip).orElse("none");
      return got.equals(expected) ? null : "expected ETag " + expected + ", got " + got;
    }
    Instant modified = asked.lastModified();
    if (modified == null) {
      return null;
    }
    String got = headers.firstValue("Last-Modified").orElse("none");
    return CacheRules.date(got, now).filter(modified::equals).isPresent()
        ? null
        : "expected Last-Modified " + modified + ", got " + got;
  }

  private static Fit part(HttpHeaders headers, Asked asked) {
    String got = headers.firstValue("Content-Range").orElse("no Content-Range").strip();
    if (got.toLowerCase(Locale.ROOT).equals(asked.contentRange())) {
      return new Part();
    }
    String why = "expected " + asked.contentRange() + ", got " + got;
    return got.matches("(?i)bytes \\d+-\\d+/\\d+") && !got.endsWith("/" + asked.length())
        ? new Changed(why)
        : new Unusable(why);
  }

  private static Fit whole(HttpHeaders headers, Asked asked) {
    long length = Head.length(headers).orElse(asked.length());
    return length == asked.length()
        ? new Whole()
        : new Changed("expected " + asked.length() + " bytes, got " + length);
  }
}
