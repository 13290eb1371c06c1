package io.swarmgate.filter.servlet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Field;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.Settled;
import io.swarmgate.filter.testing.WebServer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChainTest {
  private final ScriptedBackend backend = new ScriptedBackend();

  @ParameterizedTest
  @EnumSource
  void leavesAloneWhatTheBackendRefuses(Container container) throws Exception {
    backend.script(
        request -> {
          throw new AssertionError("must not be asked");
        });

    assertReachesTheEnd(container, "/other", "REQUEST");
  }

  @ParameterizedTest
  @EnumSource
  void goesDownTheChainOnTheSameThreadWhenDecidedAtOnce(Container container) throws Exception {
    backend.answer(new Outcome.Next());

    assertReachesTheEnd(container, "/s/x", "REQUEST");
  }

  @ParameterizedTest
  @EnumSource
  void goesDownAllOfTheChainWhenDecidedLater(Container container) throws Exception {
    backend.involvingChain();
    RawResponse response = decidedLater(container);

    assertThat(response.status()).isEqualTo(200);
    assertThat(new String(response.body(), US_ASCII)).isEqualTo("last");
    assertThat(response.value("Dispatched-As")).isEqualTo("REQUEST");
    assertThat(decidedLater(container, new Field("Gate", "error")).status()).isEqualTo(401);
  }

  @ParameterizedTest
  @EnumSource
  void neverLeadsPastALoginThatIsThereForRequestsAlone(Container container) throws Exception {
    // It has said that the chain has no part in this, so that the call has not waited.
    for (Field gate : List.of(new Field("Gate", "error"), new Field("No-Gate", "open"))) {
      RawResponse response = decidedLater(container, gate);

      assertThat(response.status()).isEqualTo(503);
      assertThat(response.body()).isEmpty();
      assertThat(response.value("Dispatched-As")).isNull();
    }
  }

  private RawResponse decidedLater(Container container, Field... fields) throws Exception {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    backend.answerLater(outcome);
    int before = backend.opened();
    try (WebServer server = container.start(backend);
        RawClient client = RawClient.connect(server.port())) {
      client.send("GET", "/s/x", List.of(fields));
      await().until(() -> backend.opened() == before + 1);
      MemoryRepresentation.handOff().execute(() -> outcome.complete(new Outcome.Next()));
      return client.receive("GET");
    }
  }

  @ParameterizedTest
  @EnumSource
  void failsWithTheStatusAlone(Container container) throws Exception {
    backend.answer(new Outcome.Fail(504, "expected an origin, got a secret"));
    assertBare(container, 504);
    CompletableFuture<Outcome> later = new CompletableFuture<>();
    backend.script(
        request -> {
          MemoryRepresentation.handOff()
              .execute(() -> later.complete(new Outcome.Fail(404, "expected a file, got none")));
          return later;
        });
    assertBare(container, 404);
  }

  @ParameterizedTest
  @EnumSource
  void answers500WhenTheBackendThrows(Container container) throws Exception {
    backend.script(
        request -> {
          throw new IllegalStateException("a secret");
        });
    assertBare(container, 500);
    backend.script(
        request -> CompletableFuture.failedFuture(new IllegalStateException("a secret")));
    assertBare(container, 500);
  }

  @ParameterizedTest
  @EnumSource
  void givesARepresentationBackWhenAnsweringFromItFails(Container container) throws Exception {
    MemoryRepresentation broken = new MemoryRepresentation(0);
    backend.answer(new Outcome.Serve(broken));
    try (WebServer server = container.start(backend)) {
      RawClient.exchange(server.port(), "GET", "/s/x", List.of());
      Settled.assertAllGivenBack(broken);
    }
  }

  @ParameterizedTest
  @EnumSource
  void closesTheBackendWithTheFilter(Container container) throws Exception {
    container.start(backend).close();

    assertThat(backend.isClosed()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = "JETTY")
  void doesNotStartWithoutABackend(Container container) {
    assertThatThrownBy(
            () ->
                JettyServer.start(
                    new SwarmgateFilter(
                        parameters -> {
                          throw new IllegalArgumentException("patterns: expected a list, got none");
                        }),
                    null))
        .hasMessageContaining("patterns: expected a list, got none");
  }

  private void assertReachesTheEnd(Container container, String path, String dispatched)
      throws Exception {
    try (WebServer server = container.start(backend)) {
      RawResponse response = RawClient.exchange(server.port(), "GET", path, List.of());

      assertThat(response.status()).isEqualTo(200);
      assertThat(new String(response.body(), US_ASCII)).isEqualTo("last");
      assertThat(response.value("Dispatched-As")).isEqualTo(dispatched);
    }
  }

  private void assertBare(Container container, int status) throws Exception {
    try (WebServer server = container.start(backend)) {
      RawResponse response = RawClient.exchange(server.port(), "GET", "/s/x", List.of());

      assertThat(response.status()).isEqualTo(status);
      assertThat(response.body()).isEmpty();
    }
  }
}
