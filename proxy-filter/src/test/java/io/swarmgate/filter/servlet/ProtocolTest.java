package io.swarmgate.filter.servlet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.HttpDate;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.filter.testing.Half;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.WebServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the container adds to our responses, and what older clients are sent. */
class ProtocolTest {
  private static final Field RANGE = new Field("Range", "bytes=0-9");

  private final ScriptedBackend backend = new ScriptedBackend();

  @ParameterizedTest
  @EnumSource
  void everyResponseSaysWhenItWasMade(Container container) throws Exception {
    try (WebServer server = container.start(backend)) {
      for (Field asked :
          List.of(
              RANGE,
              new Field("Range", "bytes=100-"),
              new Field("If-None-Match", "*"),
              new Field("If-Match", "\"other\""))) {
        backend.answer(new Outcome.Serve(new MemoryRepresentation(100)));
        RawResponse response = RawClient.exchange(server.port(), "GET", "/s/x", List.of(asked));

        Instant now = Instant.now();
        assertThat(HttpDate.parse(response.required("Date"), now))
            .isBetween(now.minusSeconds(60), now.plusSeconds(60));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theContainerNamesTheTypeWhereTheRepresentationDoesNot(Container container) throws Exception {
    try (WebServer server = container.start(backend)) {
      for (String path : List.of("/s/x.txt", "/s/x.txt;v=1.png", "/s/x.txt?name=x.png")) {
        backend.answer(new Outcome.Serve(untyped()));
        RawResponse response = RawClient.exchange(server.port(), "GET", path, List.of(RANGE));

        assertThat(response.value("Content-Type")).as(path).isEqualTo("text/plain");
      }
      backend.answer(new Outcome.Serve(untyped()));
      assertThat(
              RawClient.exchange(server.port(), "GET", "/s/x.none-such", List.of(RANGE))
                  .value("Content-Type"))
          .isNull();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoTakesNoCodingIsToldOfNone(Container container) throws Exception {
    try (WebServer server = container.start(backend)) {
      for (String accepted : List.of("identity", "Identity;q=1, identity", "")) {
        backend.answer(new Outcome.Serve(new MemoryRepresentation(100)));
        RawResponse response =
            RawClient.exchange(
                server.port(), "GET", "/s/x", List.of(new Field("Accept-Encoding", accepted)));

        assertThat(response.value("Content-Encoding")).isNull();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anErrorIsNotForCachesToKeep(Container container) throws Exception {
    backend.answer(new Outcome.Fail(404, "expected a file, got none"));
    try (WebServer server = container.start(backend)) {
      RawResponse response = RawClient.exchange(server.port(), "GET", "/s/x", List.of());

      assertThat(response.value("Cache-Control")).isEqualTo("no-store");
      assertThat(new String(response.body(), US_ASCII)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoComesTooManyIsToldWhenToComeAgain(Container container) throws Exception {
    backend.answer(new Outcome.Busy(Duration.ofSeconds(5)));
    try (WebServer server = container.start(backend)) {
      for (String method : List.of("GET", "HEAD")) {
        RawResponse response = RawClient.exchange(server.port(), method, "/s/x", List.of());

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.value("Retry-After")).isEqualTo("5");
        assertThat(response.value("Cache-Control")).isEqualTo("no-store");
        assertThat(response.value("Content-Length")).isEqualTo("0");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAccessLogLearnsWhereTheBytesCameFrom(Container container) throws Exception {
    try (WebServer server = container.start(backend)) {
      for (long length : List.of(1000L, 3L << 20)) {
        backend.answer(
            new Outcome.Serve(new MemoryRepresentation(length).cached(new Half(0, false, 9))));
        RawClient.exchange(server.port(), "GET", "/s/x", List.of());

        assertThat(server.log().poll(20, SECONDS)).isEqualTo(Optional.of(length));
      }
      CompletableFuture<Outcome> later = new CompletableFuture<>();
      backend.answerLater(later);
      MemoryRepresentation late = new MemoryRepresentation(500).cached(new Half(0, false, 9));
      MemoryRepresentation.handOff().execute(() -> later.complete(new Outcome.Serve(late)));
      RawClient.exchange(server.port(), "GET", "/s/x", List.of());
      assertThat(server.log().poll(20, SECONDS)).isEqualTo(Optional.of(500L));

      backend.answer(new Outcome.Serve(new MemoryRepresentation(100)));
      RawClient.exchange(server.port(), "GET", "/s/x", List.of());
      assertThat(server.log().poll(20, SECONDS)).isEqualTo(Optional.empty());
    }
  }

  private static MemoryRepresentation untyped() {
    return new MemoryRepresentation(100, Validator.NONE, null, List.of());
  }
}
