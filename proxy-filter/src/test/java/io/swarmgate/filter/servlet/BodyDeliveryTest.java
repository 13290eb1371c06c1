package io.swarmgate.filter.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.Settled;
import io.swarmgate.filter.testing.WebServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BodyDeliveryTest {
  private static final int MIB = 1024 * 1024;

  private final ScriptedBackend backend = new ScriptedBackend();

  @ParameterizedTest
  @EnumSource
  void sendsALongBodyByteForByte(Container container) throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(9L * MIB + 12_345);
    backend.answer(new Outcome.Serve(file));
    try (WebServer server = container.start(backend)) {
      RawResponse response = RawClient.exchange(server.port(), "GET", "/s/x", List.of());

      assertContent(response, 9 * MIB + 12_345);
      Settled.assertAllGivenBack(file);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sendsABodyThatComesInDrops(Container container) throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(300_000).trickling(997);
    backend.answer(new Outcome.Serve(file));
    try (WebServer server = container.start(backend)) {
      RawResponse response = RawClient.exchange(server.port(), "GET", "/s/x", List.of());

      assertContent(response, 300_000);
      assertThat(file.parked.get()).isGreaterThan(100);
      Settled.assertAllGivenBack(file);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sendsABodyThatIsDecidedUponLater(Container container) throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(3L * MIB);
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    backend.answerLater(outcome);
    try (WebServer server = container.start(backend);
        RawClient client = RawClient.connect(server.port())) {
      client.send("GET", "/s/x", List.of());
      MemoryRepresentation.handOff().execute(() -> outcome.complete(new Outcome.Serve(file)));

      assertContent(client.receive("GET"), 3 * MIB);
      Settled.assertAllGivenBack(file);
    }
  }

  @ParameterizedTest
  @EnumSource
  void servesOneConnectionAgainAndAgain(Container container) throws Exception {
    try (WebServer server = container.start(backend);
        RawClient client = RawClient.connect(server.port())) {
      for (int length : new int[] {1, 70_000, 100, 2 * MIB, 65_536, 65_537}) {
        MemoryRepresentation file = new MemoryRepresentation(length);
        backend.answer(new Outcome.Serve(file));
        client.send("GET", "/s/x", List.of());

        assertContent(client.receive("GET"), length);
        Settled.assertAllGivenBack(file);
      }
    }
  }

  /** A container gathers small writes; a player may need these bytes to ask for others. */
  @ParameterizedTest
  @EnumSource
  void sendsWhatIsThereBeforeItWaitsForTheRest(Container container) throws Exception {
    int there = 300_001;
    MemoryRepresentation file = new MemoryRepresentation(MIB).releasedTo(there);
    backend.answer(new Outcome.Serve(file));
    try (WebServer server = container.start(backend);
        RawClient client = RawClient.connect(server.port())) {
      client.send("GET", "/s/x", List.of());
      assertThat(client.receiveBeginning(there)).hasSize(there);
      file.release(MIB);
      assertThat(client.receiveMore(MIB - there)).hasSize(MIB - there);

      Settled.assertAllGivenBack(file);
    }
  }

  @ParameterizedTest
  @EnumSource
  void abortsWhenTheBodyFailsUnderWay(Container container) throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(4L * MIB).releasedTo(2 * MIB);
    backend.answer(new Outcome.Serve(file));
    try (WebServer server = container.start(backend);
        RawClient client = RawClient.connect(server.port())) {
      client.send("GET", "/s/x", List.of());
      await().until(() -> file.parked.get() > 0);
      file.fail(new IOException("every source is gone"));
      RawResponse response = client.receive("GET");

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.whole()).isFalse();
      assertThat(client.isClosedByServer()).isTrue();
      Settled.assertAllGivenBack(file);
    }
  }

  @ParameterizedTest
  @EnumSource
  void abortsWhenTheBodyFailsOnTheContainersThread(Container container) throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(8L * MIB).releasedTo(6 * MIB);
    file.fail(new IOException("the file changed"));
    backend.answer(new Outcome.Serve(file));
    try (WebServer server = container.start(backend);
        RawClient client = RawClient.connect(server.port())) {
      client.send("GET", "/s/x", List.of());
      RawResponse response = client.receive("GET");

      assertThat(response.whole()).isFalse();
      assertThat(response.body().length).isLessThanOrEqualTo(6 * MIB);
      assertThat(client.isClosedByServer()).isTrue();
      Settled.assertAllGivenBack(file);
    }
  }

  @ParameterizedTest
  @EnumSource
  void abortsABodyOfUnknownLengthWithoutEndingIt(Container container) throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(MIB).releasedTo(MIB / 2);
    backend.answer(new Outcome.PassThrough(200, List.of(), new UnknownLength(file)));
    try (WebServer server = container.start(backend);
        RawClient client = RawClient.connect(server.port())) {
      client.send("GET", "/s/x", List.of());
      await().until(() -> file.parked.get() > 0);
      file.fail(new IOException("the origin hung up"));
      RawResponse response = client.receive("GET");

      assertThat(response.value("Transfer-Encoding")).isNotNull();
      assertThat(response.whole()).isFalse();
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void relaysABodyOfUnknownLength(Container container) throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(500_000).trickling(4_999);
    Field via = new Field("Via", "1.1 origin");
    backend.answer(new Outcome.PassThrough(203, List.of(via, via), new UnknownLength(file)));
    try (WebServer server = container.start(backend)) {
      RawResponse response = RawClient.exchange(server.port(), "GET", "/s/x", List.of());

      assertThat(response.status()).isEqualTo(203);
      assertThat(response.values("Via")).hasSize(2);
      assertContent(response, 500_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void answersWithABareErrorWhenTheBodyFailsBeforeItsFirstByte(Container container)
      throws Exception {
    for (int length : new int[] {100, 4 * MIB}) {
      MemoryRepresentation file = new MemoryRepresentation(length).releasedTo(0);
      file.fail(new IOException("nobody has it"));
      backend.answer(new Outcome.Serve(file));
      try (WebServer server = container.start(backend)) {
        RawResponse response = RawClient.exchange(server.port(), "GET", "/s/x", List.of());

        assertThat(response.status()).isEqualTo(502);
        assertThat(response.body()).isEmpty();
        assertThat(response.value("ETag")).isNull();
        Settled.assertAllGivenBack(file);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void answersWithAGatewayTimeoutWhenTheFirstByteNeverComes(Container container) throws Exception {
    for (int length : new int[] {100, 4 * MIB}) {
      for (String range : new String[] {"", "bytes=5-50", "bytes=0-9,20-29"}) {
        MemoryRepresentation file = new MemoryRepresentation(length).releasedTo(0);
        backend.answer(new Outcome.Serve(file));
        try (WebServer server = container.start(backend);
            RawClient client = RawClient.connect(server.port())) {
          client.send(
              "GET", "/s/x", range.isEmpty() ? List.of() : List.of(new Field("Range", range)));
          await().until(() -> file.parked.get() > 0);
          file.fail(new StalledException("nobody has it"));
          RawResponse response = client.receive("GET");

          assertThat(response.status()).isEqualTo(504);
          assertThat(response.body()).isEmpty();
          assertThat(response.value("ETag")).isNull();
          Settled.assertAllGivenBack(file);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void asksForNoByteWhereTheAnswerHasNone(Container container) throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(4L * MIB).releasedTo(0);
    backend.answer(new Outcome.Serve(file));
    try (WebServer server = container.start(backend)) {
      int port = server.port();
      List<Field> none = List.of();
      List<Field> same = List.of(new Field("If-None-Match", "\"memory\""));
      List<Field> other = List.of(new Field("If-Match", "\"other\""));
      List<Field> beyond = List.of(new Field("Range", "bytes=99999999-"));
      assertThat(RawClient.exchange(port, "HEAD", "/s/x", none).status()).isEqualTo(200);
      assertThat(RawClient.exchange(port, "GET", "/s/x", same).status()).isEqualTo(304);
      assertThat(RawClient.exchange(port, "GET", "/s/x", other).status()).isEqualTo(412);
      assertThat(RawClient.exchange(port, "GET", "/s/x", beyond).status()).isEqualTo(416);
      assertThat(file.readersOpened).hasValue(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void closesTheReaderWhenTheClientVanishes(Container container) throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(256L * MIB);
    backend.answer(new Outcome.Serve(file));
    try (WebServer server = container.start(backend)) {
      try (RawClient client = RawClient.connect(server.port(), 64 * 1024)) {
        client.send("GET", "/s/x", List.of());
        await().until(() -> file.slicesOpened.get() > 0);
        client.vanish();
      }

      Settled.assertAllGivenBack(file);
      assertThat(file.slicesOpened.get()).isLessThan(128);
    }
  }

  @ParameterizedTest
  @EnumSource
  void closesTheReaderWhenTheClientVanishesBeforeTheSwarmAnswers(Container container)
      throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(256L * MIB).releasedTo(0);
    backend.answer(new Outcome.Serve(file));
    try (WebServer server = container.start(backend)) {
      try (RawClient client = RawClient.connect(server.port())) {
        client.send("GET", "/s/x", List.of());
        await().until(() -> file.parked.get() > 0);
        client.vanish();
      }
      file.release(256L * MIB);

      Settled.assertAllGivenBack(file);
    }
  }

  @ParameterizedTest
  @EnumSource
  void slowClientsAndColdBodiesHoldNoThread(Container container) throws Exception {
    MemoryRepresentation cold = new MemoryRepresentation(MIB).releasedTo(0);
    MemoryRepresentation hot = new MemoryRepresentation(256L * MIB);
    backend.script(
        request ->
            CompletableFuture.completedFuture(
                new Outcome.Serve(request.rawPath().endsWith("cold") ? cold : hot)));
    List<RawClient> clients = new ArrayList<>();
    try (WebServer server = container.start(backend)) {
      try {
        for (int i = 0; i < 2 * Container.THREADS; i++) {
          RawClient client = RawClient.connect(server.port(), 64 * 1024);
          clients.add(client);
          client.send("GET", i % 2 == 0 ? "/s/cold" : "/s/hot", List.of());
        }
        await().until(() -> cold.parked.get() == Container.THREADS);
        await().until(() -> hot.readersOpened.get() == Container.THREADS);
        List<Field> range = List.of(new Field("Range", "bytes=0-9"));
        assertThat(RawClient.exchange(server.port(), "GET", "/s/hot", range).status())
            .isEqualTo(206);
        assertThat(RawClient.exchange(server.port(), "GET", "/other", List.of()).status())
            .isEqualTo(200);
      } finally {
        for (RawClient client : clients) {
          client.vanish();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void answersHeadWithTheHeadOfAGet(Container container) throws Exception {
    for (int length : new int[] {100, 4 * MIB}) {
      try (WebServer server = container.start(backend)) {
        backend.answer(new Outcome.Serve(new MemoryRepresentation(length)));
        RawResponse get = RawClient.exchange(server.port(), "GET", "/s/x", List.of());
        backend.answer(new Outcome.Serve(new MemoryRepresentation(length)));
        RawResponse head = RawClient.exchange(server.port(), "HEAD", "/s/x", List.of());

        assertThat(head.status()).isEqualTo(get.status());
        assertThat(endToEnd(head)).isEqualTo(endToEnd(get));
      }
    }
  }

  /** All but Date, and the Vary that Jetty's gzip handler around us adds to a GET alone. */
  private static List<String> endToEnd(RawResponse response) {
    return response.fields().stream()
        .filter(field -> !field.is("Date") && !field.is("Vary"))
        .map(field -> field.name().toLowerCase(Locale.ROOT) + ": " + field.value())
        .sorted()
        .toList();
  }

  /**
   * All of these servers compress what they may. Tomcat leaves alone what has a strong entity-tag;
   * what has none, and all in Jetty's gzip handler, must be named as uncoded.
   */
  @ParameterizedTest
  @EnumSource
  void isNeverCompressed(Container container) throws Exception {
    List<Field> gzip = List.of(new Field("Accept-Encoding", "gzip, deflate, br"));
    boolean tomcat = container == Container.TOMCAT || container == Container.TOMCAT_10_1;
    try (WebServer server = container.start(backend)) {
      for (String etag : new String[] {"\"strong\"", "W/\"weak\"", null}) {
        for (int length : new int[] {50_000, 4 * MIB}) {
          MemoryRepresentation file =
              new MemoryRepresentation(length, new Validator(etag, null), "text/plain", List.of());
          backend.answer(new Outcome.Serve(file));
          RawResponse response = RawClient.exchange(server.port(), "GET", "/s/x.txt", gzip);

          assertContent(response, length);
          assertThat(response.value("ETag")).isEqualTo(etag);
          assertThat(response.value("Content-Encoding"))
              .isEqualTo(tomcat && "\"strong\"".equals(etag) ? null : "identity");
          assertThat(response.value("Content-Length")).isEqualTo(Integer.toString(length));
        }
      }
    }
  }

  private static void assertContent(RawResponse response, int length) {
    assertThat(response.whole()).isTrue();
    assertThat(response.body()).hasSize(length);
    byte[] body = response.body();
    for (int i = 0; i < length; i++) {
      if (body[i] != MemoryRepresentation.at(i)) {
        throw new AssertionError("byte " + i + ": got " + body[i]);
      }
    }
  }

  /** An origin's body, whose end comes unannounced. */
  private static final class UnknownLength implements Body {
    private final MemoryRepresentation file;
    private final ContentReader reader;
    private long position;
    private boolean ended;

    UnknownLength(MemoryRepresentation file) {
      this.file = file;
      this.reader = file.reader();
    }

    @Override
    public long length() {
      return -1;
    }

    @Override
    public @Nullable Slice poll(int max) throws IOException {
      if (position == file.length()) {
        ended = true;
        return null;
      }
      Slice slice = reader.poll(position, (int) Math.min(max, file.length() - position));
      if (slice != null) {
        position += slice.buffer().remaining();
      }
      return slice;
    }

    @Override
    public boolean ended() {
      return ended;
    }

    @Override
    public void onReady(Runnable waiter) {
      reader.onReady(waiter);
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
