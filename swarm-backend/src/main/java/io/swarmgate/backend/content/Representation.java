package io.swarmgate.backend.content;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One generation of one URL's content, pinned: as long as this handle is open, every byte read from
 * it belongs to the same version. Whoever gets it closes it, exactly once. Thread-safe.
 */
public interface Representation extends AutoCloseable {
  /** Bytes in all, at least 1. */
  long length();

  /** The media type, or null if the container shall say by the path's extension. */
  @Nullable String contentType();

  Validator validator();

  /**
   * When the origin last said that this is what it has, by its Date: what a cache measures the
   * strength of a Last-Modified by (RFC 9110 section 8.8.2.2). An origin server's is always now.
   */
  default Instant dated(Instant now) {
    return now;
  }

  /**
   * Further fields of a 200, 206 and 304 to it: Link, Repr-Digest, Cache-Control, ... Never one
   * that this interface has a method for, nor any about length, ranges or the connection.
   */
  List<Field> fields();

  /** How it is cached here; null where this is the origin server. */
  default @Nullable Cached cached() {
    return null;
  }

  /** A reader of its own, which the caller closes. It may outlive this handle. */
  ContentReader reader();

  /** Lets the generation go. */
  @Override
  void close();
}
