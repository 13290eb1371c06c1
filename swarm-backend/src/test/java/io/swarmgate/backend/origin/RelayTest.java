package io.swarmgate.backend.origin;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.headRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.swarmgate.backend.origin.EdgeFixture.CONTENT;
import static io.swarmgate.backend.origin.EdgeFixture.PATH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.http.Fault;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.backend.testing.Ports;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelayTest extends EdgeTests {
  private static final TestRequest GET = TestRequest.get(PATH);

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 401, 403, 404, 410, 416, 500, 503})
  void whateverTheOriginSaysIsRelayed(int status) throws Exception {
    edge.stubAll(
        aResponse()
            .withStatus(status)
            .withHeader("Location", "/elsewhere")
            .withHeader("Keep-Alive", "timeout=5")
            .withHeader("Set-Cookie", "a=b")
            .withBody("so"));

    Outcome.PassThrough relayed = edge.relay(GET);

    assertThat(relayed.status()).isEqualTo(status);
    assertThat(Reading.field(relayed.fields(), "Location")).contains("/elsewhere");
    assertThat(Reading.field(relayed.fields(), "Set-Cookie")).contains("a=b");
    assertThat(Reading.field(relayed.fields(), "Keep-Alive")).isEmpty();
    assertThat(Reading.field(relayed.fields(), "Transfer-Encoding")).isEmpty();
    assertThat(Reading.all(relayed.body())).isEqualTo("so".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void rangeConditionsAndCredentialsGoToTheOriginAndNothingOfTheConnection() {
    edge.stubAll(aResponse().withStatus(206).withBody("so"));

    edge.relay(
            GET.with("Range", "bytes=0-1")
                .with("If-Range", "\"x\"")
                .with("Authorization", "Basic eHl6")
                .with("Cookie", "a=b")
                .with("Accept-Encoding", "gzip")
                .with("Swarmgate-Token", "feed")
                .with("Connection", "X-Hop")
                .with("X-Hop", "1")
                .with("TE", "trailers"))
        .body()
        .close();

    edge.origin.verify(
        1,
        getRequestedFor(urlEqualTo(PATH))
            .withHeader("Range", equalTo("bytes=0-1"))
            .withHeader("If-Range", equalTo("\"x\""))
            .withHeader("Authorization", equalTo("Basic eHl6"))
            .withHeader("Cookie", equalTo("a=b"))
            .withHeader("Accept-Encoding", equalTo("identity"))
            .withHeader("Via", matching("1\\.1 swarmgate-[0-9a-f]{12}"))
            .withHeader("Host", equalTo("localhost:" + edge.origin.port()))
            .withHeader("Swarmgate-Token", absent())
            .withHeader("X-Hop", absent())
            .withHeader("TE", absent()));
    edge.origin.verify(1, headRequestedFor(urlEqualTo(PATH)).withHeader("Authorization", absent()));
  }

  @Test
  void aHeadIsRelayedAsOneWithItsLengthAndNoContent() throws Exception {
    edge.stubAll(ok().withHeader("Content-Length", "999"));
    Outcome.PassThrough relayed = edge.relay(GET.method("HEAD"));
    assertThat(Reading.field(relayed.fields(), "Content-Length")).contains("999");
    assertThat(relayed.body().ended()).isTrue();
  }

  @Test
  void smallFilesCodedOnesAndThoseNotToBeStoredAreRelayed() throws Exception {
    edge.publish(CONTENT, "\"one\"", "no-store");
    assertThat(Reading.all(edge.relay(GET).body())).isEqualTo(CONTENT);

    edge.clock.advance(Duration.ofMinutes(1));
    edge.stubHead(
        EdgeFixture.described(CONTENT, "\"one\"", "max-age=9")
            .withHeader("Content-Encoding", "gzip"));
    assertThat(edge.relay(GET).status()).isEqualTo(200);

    edge.clock.advance(Duration.ofMinutes(1));
    edge.stubHead(EdgeFixture.described(new byte[999], "\"one\"", "max-age=9"));
    assertThat(edge.relay(GET).status()).isEqualTo(200);
  }

  @Test
  void aLongResponseComesWholeAndUnchanged() throws Exception {
    byte[] big = new byte[8 << 20];
    new Random(3).nextBytes(big);
    edge.stubAll(ok().withBody(big));
    Outcome.PassThrough relayed = edge.relay(GET);
    assertThat(Reading.all(relayed.body())).isEqualTo(big);
    assertThat(edge.edge().passedThrough()).isEqualTo(big.length);
  }

  @Test
  void anOriginThatHangsIsAGatewayTimeout() throws Exception {
    edge.restartImpatient();
    edge.stubAll(ok().withFixedDelay(60_000));
    assertThat(edge.open())
        .isInstanceOfSatisfying(
            Outcome.Fail.class, fail -> assertThat(fail.status()).isEqualTo(504));
  }

  @Test
  void anOriginThatBreaksOffIsABadGateway() {
    edge.stubAll(aResponse().withFault(Fault.EMPTY_RESPONSE));
    assertThat(edge.open())
        .isInstanceOfSatisfying(
            Outcome.Fail.class, fail -> assertThat(fail.status()).isEqualTo(502));
  }

  @Test
  void aTruncatedBodyFailsInsteadOfEnding() throws Exception {
    try (ServerSocket origin = answering("Content-Length: 100\r\n\r\nonly this", false);
        EdgeFixture other = new EdgeFixture(base, over(origin))) {
      Outcome outcome = other.open(GET);
      // The connection's end may overtake the head; then there is a clean error to send instead.
      if (outcome instanceof Outcome.PassThrough relayed) {
        assertThatThrownBy(() -> Reading.all(relayed.body()))
            .isInstanceOf(IOException.class)
            .hasMessageStartingWith("the origin's response broke off");
      } else {
        assertThat(((Outcome.Fail) outcome).status()).isEqualTo(502);
      }
    }
  }

  @Test
  void aBodyThatStallsFails() throws Exception {
    try (ServerSocket origin = answering("Content-Length: 100\r\n\r\nonly this", true);
        EdgeFixture other = EdgeFixture.impatientOfStalls(base, over(origin))) {
      Body body = other.relay(GET).body();
      assertThatThrownBy(() -> Reading.all(body))
          .isInstanceOf(StalledException.class)
          .hasMessage("the origin sent nothing for 500 ms");
    }
  }

  @Test
  void theNextOriginIsAskedWhenOneDoesNotAnswer() throws Exception {
    int free = Ports.free();
    edge.stubAll(aResponse().withStatus(404));
    String origins = "http://127.0.0.1:" + free + "," + edge.origin.baseUrl();
    try (EdgeFixture other = new EdgeFixture(base, Map.of("origin", origins))) {
      assertThat(other.relay(GET).status()).isEqualTo(404);
    }
  }

  @Test
  void pathAndQueryReachTheOriginAsTheyCame() {
    edge.origin.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(404)));
    edge.relay(TestRequest.get("/d/a%20b+c.iso?x=%2F&y={z}|")).body().close();
    edge.origin.verify(1, getRequestedFor(urlEqualTo("/d/a%20b+c.iso?x=%2F&y=%7Bz%7D%7C")));
  }

  @Test
  void aRequestOfOurOwnIsRefusedSoThatNoLoopForms() throws Exception {
    edge.stubAll(aResponse().withStatus(404));
    edge.relay(GET).body().close();
    String via = edge.origin.findAll(getRequestedFor(urlEqualTo(PATH))).get(0).getHeader("Via");
    assertThat(edge.open(GET.with("Via", "1.1 other, " + via)))
        .isInstanceOfSatisfying(
            Outcome.Fail.class, fail -> assertThat(fail.status()).isEqualTo(508));
  }

  private static Map<String, String> over(ServerSocket origin) {
    return Map.of("origin", "http://127.0.0.1:" + origin.getLocalPort());
  }

  /** An origin that says 404 to a HEAD, and to a GET what is given, then closes or goes silent. */
  private static ServerSocket answering(String rest, boolean silent) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    // Not one of the common pool's, of which a machine of two cores has but one.
    Thread answers =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try {
                  Socket socket = server.accept();
                  answer(socket, rest, silent);
                } catch (IOException e) {
                  // Closed by the test.
                }
              }
            });
    answers.setDaemon(true);
    answers.start();
    return server;
  }

  private static void answer(Socket socket, String rest, boolean silent) throws IOException {
    byte[] request = new byte[8192];
    int read = socket.getInputStream().read(request);
    boolean head =
        new String(request, 0, Math.max(0, read), StandardCharsets.US_ASCII).startsWith("HEAD");
    OutputStream out = socket.getOutputStream();
    String answer =
        head
            ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            : "HTTP/1.1 200 OK\r\n" + rest;
    out.write(answer.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    if (head || !silent) {
      socket.close();
    }
  }
}
