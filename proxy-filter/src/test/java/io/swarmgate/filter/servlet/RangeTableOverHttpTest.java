package io.swarmgate.filter.servlet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.RangeRow;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.filter.testing.ScriptedBackend;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The planner's table again, over sockets, from a warm edge and from a cold one. */
class RangeTableOverHttpTest {
  private static final Map<Container, ScriptedBackend> BACKENDS = new EnumMap<>(Container.class);
  private static final Map<Container, WebServer> SERVERS = new EnumMap<>(Container.class);

  @BeforeAll
  static void start() throws Exception {
    for (Container container : Container.values()) {
      ScriptedBackend backend = new ScriptedBackend();
      BACKENDS.put(container, backend);
      SERVERS.put(container, container.start(backend));
    }
  }

  @AfterAll
  static void stop() {
    SERVERS.values().forEach(WebServer::close);
  }

  static Stream<Arguments> table() {
    return Stream.of(Container.values())
        .flatMap(
            container ->
                Stream.of(false, true)
                    .flatMap(
                        cold -> RangeRow.table().map(row -> Arguments.of(container, cold, row))));
  }

  @ParameterizedTest
  @MethodSource("table")
  void answersByTheTable(Container container, boolean cold, RangeRow row) throws Exception {
    Validator validator = RangeRow.validator(row.representation());
    MemoryRepresentation representation =
        new MemoryRepresentation(
            RangeRow.LENGTH, validator, "text/plain", List.of(new Field("Repr-Digest", "x=:y:")));
    if (cold) {
      representation.trickling(7);
    }
    at(BACKENDS, container).answer(new Outcome.Serve(representation));
    RawResponse response =
        RawClient.exchange(at(SERVERS, container).port(), row.method(), "/s/x.txt", row.fields());

    assertThat(response.status()).isEqualTo(row.status());
    assertThat(response.whole()).isTrue();
    switch (row.status()) {
      case 200 -> assertFull(row, response);
      case 206 -> assertPartial(row, response);
      case 304 -> assertNotModified(validator, response);
      case 412 -> assertThat(response.body()).isEmpty();
      default -> {
        assertThat(response.value("Content-Range")).isEqualTo("bytes */100");
        assertThat(response.body()).isEmpty();
      }
    }
    if (row.status() == 200 || row.status() == 206) {
      assertThat(response.value("ETag")).isEqualTo(validator.etag());
      assertThat(response.value("Accept-Ranges")).isEqualTo("bytes");
      assertThat(response.value("Repr-Digest")).isEqualTo("x=:y:");
      assertThat(response.value("Content-Encoding")).isNull();
    }
    boolean woken = (row.status() == 200 && row.method().equals("GET")) || row.status() == 206;
    assertThat(representation.readersOpened).hasValue(woken ? 1 : 0);
    Settled.assertAllGivenBack(representation);
  }

  private static void assertFull(RangeRow row, RawResponse response) {
    assertThat(response.value("Content-Length")).isEqualTo("100");
    assertThat(response.value("Content-Range")).isNull();
    assertThat(response.value("Content-Type")).isEqualTo("text/plain");
    if (row.method().equals("GET")) {
      assertThat(response.body()).isEqualTo(content(new ByteSpan(0, RangeRow.LENGTH)));
    }
  }

  private static void assertPartial(RangeRow row, RawResponse response) throws IOException {
    if (row.spans().size() == 1) {
      ByteSpan span = row.spans().get(0);
      assertThat(response.value("Content-Range")).isEqualTo(contentRange(span));
      assertThat(response.value("Content-Length")).isEqualTo(Long.toString(span.length()));
      assertThat(response.value("Content-Type")).isEqualTo("text/plain");
      assertThat(response.body()).isEqualTo(content(span));
      return;
    }
    String prefix = "multipart/byteranges; boundary=";
    String type = response.required("Content-Type");
    assertThat(type).startsWith(prefix);
    assertThat(response.value("Content-Range")).isNull();
    String boundary = type.substring(prefix.length());
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

  private static void assertNotModified(Validator validator, RawResponse response) {
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

  private static byte[] content(ByteSpan span) {
    byte[] bytes = new byte[(int) span.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = MemoryRepresentation.at(span.start() + i);
    }
    return bytes;
  }

  private static <T> T at(Map<Container, T> map, Container container) {
    T value = map.get(container);
    if (value == null) {
      throw new IllegalStateException(container.name());
    }
    return value;
  }
}
