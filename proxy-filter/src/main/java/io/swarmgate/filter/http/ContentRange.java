package io.swarmgate.filter.http;

import io.swarmgate.backend.metainfo.ByteSpan;

/** Writes Content-Range values (RFC 9110 section 14.4). */
final class ContentRange {
  private ContentRange() {}

  /** The value for a part of a representation: {@code bytes 0-499/1234}. */
  static String of(ByteSpan span, long length) {
    return "bytes " + span.start() + "-" + (span.end() - 1) + "/" + length;
  }

  /** The value of a 416: {@code bytes *}{@code /1234}. */
  static String unsatisfied(long length) {
    return "bytes */" + length;
  }
}
