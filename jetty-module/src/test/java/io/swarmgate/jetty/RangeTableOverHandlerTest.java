package io.swarmgate.jetty;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.filter.testing.Half;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.RangeRow;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.filter.testing.RowAnswer;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.Settled;
import io.swarmgate.filter.testing.WebServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The planner's table over sockets, answered by the handler. */
@TestInstance(Lifecycle.PER_CLASS)
class RangeTableOverHandlerTest {
  private final ScriptedBackend backend = new ScriptedBackend();
  private WebServer server;

  @BeforeAll
  void start() throws Exception {
    server = ScriptedHandler.start(backend, null);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  static Stream<Arguments> table() {
    return Stream.of(false, true)
        .flatMap(cold -> RangeRow.table().map(row -> Arguments.of(cold, row)));
  }

  @ParameterizedTest
  @MethodSource("table")
  void answersByTheTable(boolean cold, RangeRow row) throws Exception {
    Validator validator = RangeRow.validator(row.representation());
    MemoryRepresentation representation =
        new MemoryRepresentation(
            RangeRow.LENGTH, validator, "text/plain", List.of(new Field("Repr-Digest", "x=:y:")));
    if (cold) {
      representation.trickling(7);
    }
    backend.answer(new Outcome.Serve(representation));
    RawResponse response =
        RawClient.exchange(server.port(), row.method(), "/s/x.txt", row.fields());

    RowAnswer.check(row, validator, "x=:y:", response);
    assertThat(representation.readersOpened).hasValue(RowAnswer.hasContent(row) ? 1 : 0);
    Settled.assertAllGivenBack(representation);
  }

  @Test
  void aHeadIsTheHeadOfAGet() throws Exception {
    for (long length : List.of(100L, 4L << 20)) {
      backend.answer(new Outcome.Serve(new MemoryRepresentation(length)));
      RawResponse get = RawClient.exchange(server.port(), "GET", "/s/x", List.of());
      backend.answer(new Outcome.Serve(new MemoryRepresentation(length)));
      RawResponse head = RawClient.exchange(server.port(), "HEAD", "/s/x", List.of());

      assertThat(head.status()).isEqualTo(get.status());
      assertThat(lasting(head)).isEqualTo(lasting(get));
    }
  }

  /** All but Date, and Vary, which Jetty's gzip handler says on a GET alone. */
  private static List<String> lasting(RawResponse response) {
    return response.fields().stream()
        .filter(field -> !field.is("Date") && !field.is("Vary"))
        .map(field -> field.name().toLowerCase(Locale.ROOT) + ": " + field.value())
        .sorted()
        .toList();
  }

  @Test
  void theServerNamesTheTypeWhereTheRepresentationDoesNot() throws Exception {
    for (String path : List.of("/s/x.txt", "/s/x.txt;v=1.png", "/s/x.txt?name=x.png")) {
      backend.answer(
          new Outcome.Serve(new MemoryRepresentation(100, Validator.NONE, null, List.of())));

      assertThat(RawClient.exchange(server.port(), "GET", path, List.of()).value("Content-Type"))
          .as(path)
          .isEqualTo("text/plain");
    }
  }

  @Test
  void whoComesTooManyIsToldWhenToComeAgain() throws Exception {
    backend.answer(new Outcome.Busy(Duration.ofSeconds(5)));
    RawResponse response = RawClient.exchange(server.port(), "GET", "/s/x", List.of());

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.value("Retry-After")).isEqualTo("5");
    assertThat(response.value("Cache-Control")).isEqualTo("no-store");
    assertThat(response.body()).isEmpty();
  }

  @Test
  void anAccessLogLearnsWhereTheBytesCameFrom() throws Exception {
    // One of its own: the shared one's log gets what is still to come of requests before.
    try (WebServer fresh = ScriptedHandler.start(backend, null)) {
      for (long length : List.of(1000L, 3L << 20)) {
        backend.answer(
            new Outcome.Serve(new MemoryRepresentation(length).cached(new Half(0, false, 9))));
        RawClient.exchange(fresh.port(), "GET", "/s/x", List.of());

        assertThat(fresh.log().poll(20, SECONDS)).isEqualTo(Optional.of(length));
      }
    }
  }
}
