package io.swarmgate.backend.observe;

import java.time.Instant;
import java.util.Locale;

/**
 * Something that an operator may want to know the reason of.
 *
 * @param number counts events from 1, without gaps
 * @param at when it happened first
 * @param last when it happened last; differs from {@code at} where {@code count} isn't 1
 * @param count how often it happened, since like events that follow each other are one
 * @param subject what it happened to: a file, a torrent, a peer, an origin
 * @param reason one line
 */
public record Event(
    long number, Instant at, Instant last, long count, Kind kind, String subject, String reason) {

  /** What sort of event it is. */
  public enum Kind {
    /** An origin was asked for what peers were too slow to bring. */
    FALLBACK,
    /** A peer was banned. */
    BAN,
    /** Pieces were deleted to make room. */
    EVICTION,
    /** A file has new content, or none any more. */
    GENERATION,
    /** Bytes that came failed their hash. */
    HASH,
    /** An origin didn't answer. */
    ORIGIN,
    /** A response was cut off. */
    ABORT,
    /** Somebody used the admin listener. */
    ADMIN;

    /** The name in JSON. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  Event again(long number, Instant now, String latest) {
    return new Event(number, at, now, count + 1, kind, subject, latest);
  }
}
