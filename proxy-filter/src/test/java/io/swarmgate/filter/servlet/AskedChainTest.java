package io.swarmgate.filter.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Field;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.WebServer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code authorize=chain} in the filter: a login behind it decides, and its refusal stands. */
class AskedChainTest {
  private static final int LENGTH = 200_000;
  private static final ScriptedBackend BACKEND = new ScriptedBackend().involvingChain();
  private static final Map<Container, WebServer> SERVERS = new EnumMap<>(Container.class);
  private static final List<MemoryRepresentation> FILES = new CopyOnWriteArrayList<>();

  @AfterAll
  static void stop() {
    SERVERS.values().forEach(WebServer::close);
  }

  @AfterEach
  void everyFileIsGivenBackOnce() {
    await()
        .untilAsserted(
            () ->
                assertThat(FILES)
                    .allSatisfy(
                        file -> {
                          assertThat(file.closes).hasValue(1);
                          assertThat(file.readersClosed).hasValue(file.readersOpened.get());
                        }));
    FILES.clear();
  }

  @ParameterizedTest
  @EnumSource
  void whoTheChainLetsIsServedWithWhatItPutBeside(Container container) throws Exception {
    RawResponse response = get(container, "Gate", "open", "Range", "bytes=5-");

    assertThat(response.status()).isEqualTo(206);
    assertThat(response.body()).hasSize(LENGTH - 5);
    assertThat(response.body()[0]).isEqualTo(MemoryRepresentation.at(5));
    assertThat(response.value("Gate-Saw")).isEqualTo("HEAD null null");
    assertThat(response.value("Set-Cookie")).startsWith("seen=yes");
    assertThat(response.value("Cache-Control")).isEqualTo("no-cache, must-revalidate");
    assertThat(response.value("Content-Length")).isEqualTo("" + (LENGTH - 5));
  }

  @ParameterizedTest
  @EnumSource
  void conditionsAndHeadsAreAnsweredToWhoIsLet(Container container) throws Exception {
    RawResponse same = get(container, "Gate", "open", "If-None-Match", "\"memory\"");
    assertThat(same.status()).isEqualTo(304);
    assertThat(same.value("Gate-Saw")).isEqualTo("HEAD null null");
    RawResponse head = ask(container, "HEAD", "Gate", "open");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.value("Content-Length")).isEqualTo("" + LENGTH);
  }

  @ParameterizedTest
  @EnumSource
  void aRefusalReachesTheClientAsItCame(Container container) throws Exception {
    for (String[] more :
        new String[][] {{}, {"Range", "bytes=0-9"}, {"If-None-Match", "\"memory\""}}) {
      RawResponse error = get(container, with(more, "Gate", "error"));
      assertThat(error.status()).isEqualTo(401);
      assertThat(error.value("WWW-Authenticate")).isEqualTo("Basic");
      RawResponse redirect = get(container, with(more, "Gate", "redirect"));
      assertThat(redirect.status()).isEqualTo(302);
      assertThat(redirect.value("Location")).endsWith("/login");
      RawResponse page = get(container, with(more, "Gate", "page"));
      assertThat(page.status()).isEqualTo(403);
      assertThat(page.value("Content-Type")).isEqualToIgnoringCase("text/html;charset=utf-8");
      assertThat(new String(page.body(), UTF_8)).isEqualTo("<p>no");
      assertThat(page.value("ETag")).isNull();
    }
    RawResponse head = ask(container, "HEAD", "Gate", "error");
    assertThat(head.status()).isEqualTo(401);
    assertNothingWasRead();
  }

  private static void assertNothingWasRead() {
    assertThat(FILES).isNotEmpty().allSatisfy(file -> assertThat(file.readersOpened).hasValue(0));
  }

  @ParameterizedTest
  @EnumSource
  void aChainThatFailsFailsTheRequest(Container container) throws Exception {
    assertThat(get(container, "Gate", "broken").status()).isEqualTo(500);
    assertNothingWasRead();
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerMayComeAsynchronously(Container container) throws Exception {
    for (String how : List.of("complete", "dispatch")) {
      RawResponse response = get(container, "Gate", "open", "Last", how);
      assertThat(response.status()).as(how).isEqualTo(200);
      assertThat(response.body()).hasSize(LENGTH);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRefusalMayComeAsynchronously(Container container) throws Exception {
    RawResponse refusal = get(container, "Gate", "open", "Last", "refuse");
    assertThat(refusal.status()).isEqualTo(403);
    assertThat(new String(refusal.body(), UTF_8)).isEqualTo("last");
    assertThat(get(container, "Gate", "open", "Last", "never").status()).isEqualTo(500);
    assertNothingWasRead();
  }

  @ParameterizedTest
  @EnumSource
  void allOfTheChainIsReachedHoweverLateTheDecisionIs(Container container) throws Exception {
    BACKEND.script(
        request -> {
          CompletableFuture<Outcome> later = new CompletableFuture<>();
          MemoryRepresentation.handOff().execute(() -> later.complete(new Outcome.Next()));
          return later;
        });
    RawResponse refusal =
        RawClient.exchange(
            server(container).port(), "GET", "/s/x", List.of(new Field("Gate", "error")));
    assertThat(refusal.status()).isEqualTo(401);
    assertThat(refusal.value("Gate-Saw")).isEqualTo("GET null null");
  }

  private static String[] with(String[] some, String... more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static RawResponse get(Container container, String... fields) throws Exception {
    return ask(container, "GET", fields);
  }

  private static RawResponse ask(Container container, String method, String... fields)
      throws Exception {
    BACKEND.script(request -> later(gated()));
    List<Field> all = new ArrayList<>();
    for (int i = 0; i < fields.length; i += 2) {
      all.add(new Field(fields[i], fields[i + 1]));
    }
    return exchange(container, method, all);
  }

  private static RawResponse exchange(Container container, String method, List<Field> fields)
      throws Exception {
    return RawClient.exchange(server(container).port(), method, "/s/x", fields);
  }

  private static Outcome gated() {
    MemoryRepresentation file = new MemoryRepresentation(LENGTH);
    FILES.add(file);
    return new Outcome.Ask(() -> later(new Outcome.Serve(file)), file::close);
  }

  private static CompletableFuture<Outcome> later(Outcome outcome) {
    return CompletableFuture.supplyAsync(() -> outcome, MemoryRepresentation.handOff());
  }

  private static WebServer server(Container container) throws Exception {
    WebServer running = SERVERS.get(container);
    if (running == null) {
      running = container.start(BACKEND);
      SERVERS.put(container, running);
    }
    return running;
  }
}
