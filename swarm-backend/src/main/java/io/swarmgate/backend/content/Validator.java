package io.swarmgate.backend.content;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What tells one version of a representation from another (RFC 9110 section 8.8).
 *
 * @param etag the entity-tag as on the wire, quotes and {@code W/} included; null if there is none
 * @param lastModified to the second; null if unknown
 */
public record Validator(@Nullable String etag, @Nullable Instant lastModified) {
  /** Neither an entity-tag nor a date. */
  public static final Validator NONE = new Validator(null, null);

  /** Whether there is an entity-tag that compares strongly. */
  public boolean isStrong() {
    return etag != null && !etag.startsWith("W/");
  }
}
