package io.swarmgate.jetty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Field;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code authorize=chain} in the handler: the next one decides, and its refusal stands. */
class AskedHandlerTest {
  private static final byte[] CONTENT = "what is gated".getBytes(UTF_8);
  private static final String REFUSAL = "<p>no";
  private static final Executor LATER = CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS);

  /** What the next handler was shown: method, Range and an attribute of an earlier question. */
  private static final List<String> SHOWN = new CopyOnWriteArrayList<>();

  private static final AtomicInteger OPENED = new AtomicInteger();
  private static final AtomicInteger REFUSED = new AtomicInteger();
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.before(new Gate(), AskedHandlerTest::open);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @AfterEach
  void forget() {
    SHOWN.clear();
    OPENED.set(0);
    REFUSED.set(0);
  }

  /** Paths that end in {@code later} are decided on another thread. */
  private static CompletionStage<Outcome> open(RequestView request) {
    Outcome ask =
        new Outcome.Ask(
            () -> {
              OPENED.incrementAndGet();
              return CompletableFuture.completedStage(
                  TestServer.passThrough(
                      200, TestBody.of(CONTENT), new Field("Cache-Control", "public")));
            },
            REFUSED::incrementAndGet);
    return request.rawPath().endsWith("later")
        ? CompletableFuture.supplyAsync(() -> ask, LATER)
        : CompletableFuture.completedStage(ask);
  }

  @ParameterizedTest
  @ValueSource(strings = {"now", "later"})
  void whoTheNextHandlerLetsIsServedWithWhatItPutBeside(String when) throws Exception {
    for (String gate : List.of("open", "async")) {
      HttpResponse<byte[]> response =
          server.get(
              "/swarm/" + when, "Gate", gate, "Range", "bytes=0-1", "If-None-Match", "\"x\"");
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo(CONTENT);
      assertThat(response.headers().allValues("Set-Cookie")).containsExactly("a=b", "c=d");
      assertThat(response.headers().allValues("Cache-Control"))
          .containsExactly("no-cache, must-revalidate");
      assertThat(response.headers().firstValue("ETag")).isEmpty();
    }
    assertThat(SHOWN).containsExactly("HEAD null null null", "HEAD null null null");
    assertThat(OPENED).hasValue(2);
    assertThat(REFUSED).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"now", "later"})
  void aRefusalIsTheNextHandlersAnswerToTheRequestItself(String when) throws Exception {
    for (String gate : List.of("refuse", "async-refuse", "twice-refuse")) {
      HttpResponse<byte[]> response =
          server.get("/swarm/" + when, "Gate", gate, "Range", "bytes=0-1");
      assertThat(response.statusCode()).isEqualTo(403);
      assertThat(response.body()).asString(UTF_8).isEqualTo(REFUSAL);
    }
    assertThat(SHOWN)
        .containsExactly(
            "HEAD null null null",
            "GET bytes=0-1 null null",
            "HEAD null null null",
            "GET bytes=0-1 null null",
            "HEAD null null null",
            "GET bytes=0-1 null null");
    assertThat(OPENED).hasValue(0);
    assertThat(REFUSED).hasValue(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"now", "later"})
  void whatFailsOrAnswersNothingRefuses(String when) throws Exception {
    assertThat(server.get("/swarm/" + when, "Gate", "throw").statusCode()).isEqualTo(500);
    assertThat(server.get("/swarm/" + when, "Gate", "fail").statusCode()).isEqualTo(500);
    assertThat(server.get("/swarm/" + when, "Gate", "nobody").statusCode()).isEqualTo(404);
    assertThat(OPENED).hasValue(0);
    assertThat(REFUSED).hasValue(3);
  }

  @Test
  void aHeadIsAskedAboutAndAnsweredToo() throws Exception {
    HttpResponse<byte[]> allowed = server.send("HEAD", "/swarm/now", "Gate", "open");
    assertThat(allowed.statusCode()).isEqualTo(200);
    assertThat(allowed.headers().firstValue("Content-Length")).hasValue("" + CONTENT.length);
    assertThat(server.send("HEAD", "/swarm/now", "Gate", "refuse").statusCode()).isEqualTo(403);
    await().untilAsserted(() -> assertThat(REFUSED).hasValue(1));
  }

  /** Lets pass or not as the field Gate says. */
  private static final class Gate extends Handler.Abstract {
    private static final String SEEN = "seen";

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      SHOWN.add(
          request.getMethod()
              + " "
              + request.getHeaders().get(HttpHeader.RANGE)
              + " "
              + request.getHeaders().get(HttpHeader.IF_NONE_MATCH)
              + " "
              + request.getAttribute(SEEN));
      request.setAttribute(SEEN, "yes");
      String gate = String.valueOf(request.getHeaders().get("Gate"));
      switch (gate) {
        case "nobody" -> {
          return false;
        }
        case "throw" -> throw new IllegalStateException("thrown on purpose");
        case "fail" -> callback.failed(new IllegalStateException("failed on purpose"));
        case "async", "async-refuse" -> LATER.execute(() -> answer(gate, response, callback));
        case "twice-refuse" -> {
          answer(gate, response, callback);
          // As the error handler of Jetty's ee11 does.
          callback.succeeded();
        }
        default -> answer(gate, response, callback);
      }
      return true;
    }

    private static void answer(String gate, Response response, Callback callback) {
      boolean refuse = gate.endsWith("refuse");
      response.setStatus(refuse ? 403 : 200);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/html");
      response.getHeaders().put(HttpHeader.ETAG, "\"theirs\"");
      response.getHeaders().add(HttpHeader.SET_COOKIE, "a=b");
      response.getHeaders().add(HttpHeader.SET_COOKIE, "c=d");
      response.write(true, UTF_8.encode(REFUSAL), callback);
    }
  }
}
