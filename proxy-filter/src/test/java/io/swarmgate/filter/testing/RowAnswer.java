package io.swarmgate.filter.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks a response against a row of the table, to the byte. The representation is text/plain, has
 * a digest, and the bytes of {@link MemoryRepresentation}.
 */
public final class RowAnswer {
  private static final String MULTIPART = "multipart/byteranges; boundary=";

  private RowAnswer() {}

  /**
   * Checks all that a row says and what follows from it.
   *
   * @param validator the representation's
   * @param digest the value of its Repr-Digest
   */
  public static void check(RangeRow row, Validator validator, String digest, RawResponse response)
      throws IOException {
    assertThat(response.status()).isEqualTo(row.status());
    assertThat(response.whole()).isTrue();
    switch (row.status()) {
      case 200 -> checkFull(row, response);
      case 206 -> checkPartial(row, response);
      case 304 -> checkNotModified(validator, response);
      case 412 -> assertThat(response.body()).isEmpty();
      default -> {
        assertThat(response.value("Content-Range")).isEqualTo("bytes */100");
        assertThat(response.body()).isEmpty();
      }
    }
    assertThat(response.value("Date")).isNotNull();
    if (row.status() == 200 || row.status() == 206) {
      assertThat(response.value("ETag")).isEqualTo(validator.etag());
      assertThat(response.value("Accept-Ranges")).isEqualTo("bytes");
      assertThat(response.value("Repr-Digest")).isEqualTo(digest);
      assertThat(response.value("Content-Encoding")).isNull();
    }
  }

  /** Whether bytes of the content were sent. */
  public static boolean hasContent(RangeRow row) {
    return row.status() == 206 || (row.status() == 200 && row.method().equals("GET"));
  }

  private static void checkFull(RangeRow row, RawResponse response) {
    assertThat(response.value("Content-Length")).isEqualTo("100");
    assertThat(response.value("Content-Range")).isNull();
    assertThat(response.value("Content-Type")).isEqualTo("text/plain");
    if (row.method().equals("GET")) {
      assertThat(response.body()).isEqualTo(content(new ByteSpan(0, RangeRow.LENGTH)));
    }
  }

  private static void checkPartial(RangeRow row, RawResponse response) throws IOException {
    if (row.spans().size() == 1) {
      ByteSpan span = row.spans().get(0);
      assertThat(response.value("Content-Range")).isEqualTo(contentRange(span));
      assertThat(response.value("Content-Length")).isEqualTo(Long.toString(span.length()));
      assertThat(response.value("Content-Type")).isEqualTo("text/plain");
      assertThat(response.body()).isEqualTo(content(span));
      return;
    }
    String type = response.required("Content-Type");
    assertThat(type).startsWith(MULTIPART);
    assertThat(response.value("Content-Range")).isNull();
    String boundary = type.substring(MULTIPART.length());
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (ByteSpan span : row.spans()) {
      String head =
          "\r\n--%s\r\nContent-Type: text/plain\r\nContent-Range: %s\r\n\r\n"
              .formatted(boundary, contentRange(span));
      expected.write(head.getBytes(ISO_8859_1));
      expected.write(content(span));
    }
    expected.write(("\r\n--" + boundary + "--\r\n").getBytes(ISO_8859_1));
    assertThat(response.body()).isEqualTo(expected.toByteArray());
    assertThat(response.value("Content-Length")).isEqualTo(Integer.toString(expected.size()));
  }

  private static void checkNotModified(Validator validator, RawResponse response) {
    List<String> absent = new ArrayList<>(List.of("Repr-Digest", "Content-Type", "Content-Range"));
    if (validator.etag() != null) {
      absent.add("Last-Modified");
    }
    assertThat(response.value("ETag")).isEqualTo(validator.etag());
    absent.forEach(name -> assertThat(response.value(name)).as(name).isNull());
  }

  private static String contentRange(ByteSpan span) {
    return "bytes %d-%d/%d".formatted(span.start(), span.end() - 1, RangeRow.LENGTH);
  }

  /** The bytes of a span. */
  public static byte[] content(ByteSpan span) {
    byte[] bytes = new byte[(int) span.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = MemoryRepresentation.at(span.start() + i);
    }
    return bytes;
  }
}
