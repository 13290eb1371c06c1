package io.swarmgate.backend.content;

import io.swarmgate.backend.metainfo.ByteSpan;
import org.jspecify.annotations.Nullable;

/**
 * How a cache stands to what it answers with, at the moment it was asked: what Cache-Status tells
 * (RFC 9211). Thread-safe.
 */
public interface Cached {
  /** How many of these bytes are here, verified, so that nobody has to be asked for them. */
  long held(ByteSpan span);

  /** Whether the origin had to be asked first, because what was known had become stale. */
  boolean stale();

  /** Whether it was because of another request that the origin was asked, and this one waited. */
  default boolean collapsed() {
    return false;
  }

  /**
   * Whether what isn't here of these bytes comes from the origin already, because of another
   * request: the origin need not be asked for this one.
   */
  default boolean comes(ByteSpan span) {
    return false;
  }

  /** What else an operator should know of it, in a few words; null if nothing. */
  default @Nullable String remark() {
    return null;
  }

  /** How long what is known stays fresh, in seconds; negative if it is stale and stands in. */
  long ttl();
}
