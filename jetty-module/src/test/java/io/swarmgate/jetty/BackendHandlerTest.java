package io.swarmgate.jetty;

import static io.swarmgate.jetty.TestServer.NEXT;
import static io.swarmgate.jetty.TestServer.passThrough;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.StalledException;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendHandlerTest {
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);

  @Test
  void whatTheBackendDoesNotAcceptIsLeftToTheNextHandler() throws Exception {
    try (TestServer server = TestServer.answering(new Outcome.Fail(500, "asked"))) {
      assertThat(server.get("/elsewhere").body()).asString(UTF_8).isEqualTo(NEXT);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nextIsAnsweredAsIfWeWereNotThereNowOrLater(boolean later) throws Exception {
    try (TestServer server = new TestServer(request -> next(later))) {
      assertThat(server.get("/swarm/x").body()).asString(UTF_8).isEqualTo(NEXT);
      assertThat(server.get("/swarm/nobody").statusCode()).isEqualTo(404);
      assertThat(server.get("/swarm/broken").statusCode()).isEqualTo(500);
    }
  }

  private static CompletableFuture<Outcome> next(boolean later) {
    return later
        ? CompletableFuture.supplyAsync(Outcome.Next::new, LATER)
        : CompletableFuture.completedFuture(new Outcome.Next());
  }

  @Test
  void theRequestIsReadableAfterItsResponseHasEnded() throws Exception {
    CompletableFuture<RequestView> seen = new CompletableFuture<>();
    try (TestServer server =
        new TestServer(
            request -> {
              seen.complete(request);
              return next(false);
            })) {
      server.get("/swarm/a%20b;v=1?q=%41&r", "X-Twice", "1", "X-Twice", "2");
      server.get("/elsewhere", "X-Twice", "3");
      RequestView view = seen.join();
      assertThat(view.method()).isEqualTo("GET");
      assertThat(view.rawPath()).isEqualTo("/swarm/a%20b;v=1");
      assertThat(view.query()).isEqualTo("q=%41&r");
      assertThat(view.host()).isEqualTo("127.0.0.1");
      assertThat(view.clientAddress()).isEqualTo("127.0.0.1");
      assertThat(view.fields("x-twice")).containsExactly("1", "2");
      assertThat(view.fieldNames()).contains("X-Twice").doesNotHaveDuplicates();
    }
  }

  @Test
  void slicesAreWrittenInOrderAndEachIsClosedOnce() throws Exception {
    byte[] first = random(1 << 20);
    byte[] second = random(1 << 20);
    byte[] third = random(12_345);
    TestBody body = TestBody.of(first, second, third);
    try (TestServer server = TestServer.answering(passThrough(200, body))) {
      assertThat(server.get("/swarm/x").body()).isEqualTo(concat(first, second, third));
      await().untilAsserted(() -> assertThat(body.isClosed()).isTrue());
      assertThat(body.released).hasValue(3);
      assertThat(body.max).isEqualTo(1 << 20);
    }
  }

  @Test
  void aResponseWaitsForItsBodyAndIsNotEndedAsIdle() throws Exception {
    TestBody body = new TestBody(-1).feed("one ".getBytes(UTF_8));
    try (TestServer server = TestServer.answering(passThrough(200, body))) {
      // Long enough for a write on a loaded machine.
      server.idleTimeout(Duration.ofMillis(250));
      try (Socket socket = server.connect("/swarm/x")) {
        await().until(() -> body.parked() == 1);
        // Four idle timeouts pass.
        CompletableFuture.delayedExecutor(1000, TimeUnit.MILLISECONDS)
            .execute(() -> body.feed("two".getBytes(UTF_8)).end());
        assertThat(TestServer.readToEnd(socket)).contains("one ", "two", "\r\n0\r\n");
      }
    }
  }

  @Test
  void aBodyIsClosedWhenTheClientHasGone() throws Exception {
    TestBody body = new TestBody(1L << 40);
    try (TestServer server = TestServer.answering(passThrough(200, body))) {
      try (Socket socket = server.connect("/swarm/x")) {
        body.feed(random(1 << 20));
        assertThat(socket.getInputStream().read()).isPositive();
        socket.setSoLinger(true, 0);
      }
      await()
          .untilAsserted(
              () -> {
                body.feed(random(1 << 20));
                assertThat(body.isClosed()).isTrue();
              });
      await().untilAsserted(() -> assertThat(body.released).hasValue(body.polled.get()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {100, -1})
  void aBodyThatFailsAfterTheHeadCutsTheConnection(long length) throws Exception {
    TestBody body = new TestBody(length).feed("some".getBytes(UTF_8));
    try (TestServer server = TestServer.answering(passThrough(200, body));
        Socket socket = server.connect("/swarm/x")) {
      await().until(() -> body.parked() == 1);
      body.fail("no more of it");
      String answer = TestServer.readToEnd(socket);
      assertThat(answer).startsWith("HTTP/1.1 200").contains("some").doesNotContain("\r\n0\r\n");
      assertThat(body.isClosed()).isTrue();
      assertThat(body.released).hasValue(1);
    }
  }

  @Test
  void aBodyThatFailsBeforeTheHeadBecomesABareError() throws Exception {
    TestBody body = new TestBody(100);
    try (TestServer server =
        TestServer.answering(passThrough(200, body, new Field("ETag", "\"e\"")))) {
      body.fail("secret reason");
      HttpResponse<byte[]> response = server.get("/swarm/x");
      assertThat(response.statusCode()).isEqualTo(502);
      assertThat(response.body()).isEmpty();
      assertThat(response.headers().firstValue("ETag")).isEmpty();
      assertThat(body.isClosed()).isTrue();
    }
  }

  @Test
  void aBodyWhoseFirstByteNeverComesBecomesAGatewayTimeout() throws Exception {
    TestBody body = new TestBody(100);
    try (TestServer server =
        TestServer.answering(passThrough(200, body, new Field("ETag", "\"e\"")))) {
      CompletableFuture<Void> failing =
          CompletableFuture.runAsync(
              () -> {
                await().until(() -> body.parked() == 1);
                body.fail(new StalledException("secret reason"));
              });
      HttpResponse<byte[]> response = server.get("/swarm/x");
      failing.join();
      assertThat(response.statusCode()).isEqualTo(504);
      assertThat(response.body()).isEmpty();
      assertThat(response.headers().firstValue("ETag")).isEmpty();
      assertThat(body.isClosed()).isTrue();
    }
  }

  @Test
  void anErrorSaysNothingButItsStatus() throws Exception {
    try (TestServer server = TestServer.answering(new Outcome.Fail(504, "secret reason"))) {
      HttpResponse<byte[]> response = server.get("/swarm/x");
      assertThat(response.statusCode()).isEqualTo(504);
      assertThat(response.body()).isEmpty();
    }
  }

  @Test
  void fieldsOfTheResponseReplaceTheContainersAndMayRepeat() throws Exception {
    Outcome outcome =
        passThrough(
            200,
            TestBody.of("x".getBytes(UTF_8)),
            new Field("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            new Field("Link", "<a>"),
            new Field("Link", "<b>"));
    try (TestServer server = TestServer.answering(outcome)) {
      HttpResponse<byte[]> response = server.get("/swarm/x");
      assertThat(response.headers().allValues("Date"))
          .containsExactly("Sun, 06 Nov 1994 08:49:37 GMT");
      assertThat(response.headers().allValues("Link")).containsExactly("<a>", "<b>");
    }
  }

  @Test
  void aHeadRequestGetsTheLengthAndNoBody() throws Exception {
    Outcome outcome =
        new Outcome.PassThrough(200, List.of(new Field("Content-Length", "1234")), TestBody.of());
    try (TestServer server = TestServer.answering(outcome)) {
      HttpResponse<byte[]> response = server.send("HEAD", "/swarm/x");
      assertThat(response.headers().firstValue("Content-Length")).hasValue("1234");
    }
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
