package io.swarmgate.backend.origin;

import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.headRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.swarmgate.backend.origin.EdgeFixture.CONTENT;
import static io.swarmgate.backend.origin.EdgeFixture.PATH;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.site.MetainfoToken;
import io.swarmgate.backend.testing.TestRequest;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an edge takes for a file's metainfo. */
class EdgeMetainfoTest extends EdgeTests {
  @Test
  void aFileThatIsHashedLaterIsAcceleratedSoonAfter() {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.stubHead(
        EdgeFixture.plain(CONTENT, "\"one\"").withHeader("Swarmgate-Metainfo", "pending"));
    assertThat(edge.relay(TestRequest.get(PATH)).status()).isEqualTo(200);
    edge.publish(CONTENT, "\"one\"", FRESH);
    assertThat(edge.relay(TestRequest.get(PATH)).status()).isEqualTo(200);

    edge.clock.advance(Duration.ofMillis(1001));

    edge.serve().close();
  }

  @Test
  void aMetainfoOfAnotherLengthIsNotBelieved() {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.stubHead(EdgeFixture.described(new byte[CONTENT.length + 1], "\"one\"", FRESH));
    assertThat(edge.open()).isInstanceOf(Outcome.PassThrough.class);
  }

  @Test
  void metainfoElsewhereIsNotAskedFor() {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.stubHead(
        EdgeFixture.plain(CONTENT, "\"one\"")
            .withHeader(
                "Link",
                "<http://127.0.0.1:1/a.torrent>; rel=describedby; type=application/x-bittorrent"));
    assertThat(edge.open()).isInstanceOf(Outcome.PassThrough.class);
  }

  @Test
  void theTokenGoesWithMetainfoRequestsAndNoOthers() throws Exception {
    edge.close();
    Files.writeString(base.resolve("secret"), "xyzzy");
    edge = new EdgeFixture(base, Map.of("secret", "file:secret"));
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.serve().close();

    String token = MetainfoToken.of(Secret.of("xyzzy"), "localhost:" + edge.origin.port());
    edge.origin.verify(
        1,
        getRequestedFor(urlEqualTo(PATH + ".torrent"))
            .withHeader("Swarmgate-Token", equalTo(token)));
    edge.origin.verify(
        1, headRequestedFor(urlEqualTo(PATH)).withHeader("Swarmgate-Token", absent()));
  }
}
