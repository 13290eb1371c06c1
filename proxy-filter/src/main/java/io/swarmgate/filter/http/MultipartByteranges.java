package io.swarmgate.filter.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.swarmgate.backend.metainfo.ByteSpan;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The framing of a multipart/byteranges body, all but the bytes of its ranges (RFC 9110 section
 * 14.6).
 *
 * @param boundary what separates the parts; must not occur in the content
 * @param parts in the order they are sent
 */
record MultipartByteranges(String boundary, List<Part> parts) {
  /**
   * One part.
   *
   * @param head its delimiter and header
   * @param span its bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Part(byte[] head, ByteSpan span) {}

  MultipartByteranges {
    parts = List.copyOf(parts);
  }

  /** Frames spans with a boundary of 128 random bits, which no content can be made to contain. */
  static MultipartByteranges of(List<ByteSpan> spans, long length, @Nullable String contentType) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return of(
        spans,
        length,
        contentType,
        String.format("%016x%016x", random.nextLong(), random.nextLong()));
  }

  static MultipartByteranges of(
      List<ByteSpan> spans, long length, @Nullable String contentType, String boundary) {
    String type = contentType == null ? "" : "Content-Type: " + contentType + "\r\n";
    return new MultipartByteranges(
        boundary,
        spans.stream()
            .map(
                span -> {
                  String head =
                      "\r\n--"
                          + boundary
                          + "\r\n"
                          + type
                          + "Content-Range: "
                          + ContentRange.of(span, length)
                          + "\r\n\r\n";
                  return new Part(head.getBytes(ISO_8859_1), span);
                })
            .toList());
  }

  /** The closing delimiter. */
  byte[] tail() {
    return ("\r\n--" + boundary + "--\r\n").getBytes(ISO_8859_1);
  }

  /** The media type of the whole. */
  String contentType() {
    return "multipart/byteranges; boundary=" + boundary;
  }

  /** Bytes of the whole, framing included. */
  long contentLength() {
    return tail().length
        + parts.stream().mapToLong(part -> part.head().length + part.span().length()).sum();
  }
}
