package io.swarmgate.backend.observe;

import java.time.Duration;
import java.util.List;

/**
 * Told what happens in a node, as it happens. Called on any thread, the peer loop's among them, so
 * that it must be quick, never block and never throw. Thread-safe.
 */
public interface Observer {
  /** Isn't interested. */
  Observer NONE = new Observer() {};

  /** Tells several, in order. */
  static Observer all(Observer... observers) {
    return new Observers(List.of(observers));
  }

  /** A site's request was decided about. */
  default void answered(String site, Answer answer) {}

  /** A response's first byte of content was there, so long after content was asked for. */
  default void firstByte(String site, Duration waited) {}

  /** A response that had begun waited for its next byte. */
  default void stalled(String site, Duration waited) {}

  /** Content was handed to the client's connection. */
  default void delivered(String site, Provenance from, long bytes) {}

  /** A response's content will never be whole, for this reason. */
  default void aborted(String site, String reason) {}

  /** A piece that peers were too slow to bring is asked of an origin. */
  default void fellBack(String torrent, int piece, Duration waited) {}

  /** A piece that peers had brought failed its hash. */
  default void pieceFailed(String torrent, int piece, String senders) {}

  /**
   * A peer was banned.
   *
   * @param peer its address as text
   */
  default void banned(String peer, Duration time, String reason) {}

  /** Pieces were deleted to make room. */
  default void evicted(String torrent, int pieces) {}

  /**
   * A file's content was replaced, or came, or went.
   *
   * @param reason what became of it, in a few words
   */
  default void changed(String site, String path, String reason) {}

  /**
   * An origin's response has begun.
   *
   * @param origin its authority, {@code host:port}
   */
  default void originAnswered(String origin, int status, Duration latency) {}

  /** An origin didn't answer. */
  default void originFailed(String origin, String reason) {}

  /** Content came from an origin. */
  default void originSent(String origin, long bytes) {}
}
