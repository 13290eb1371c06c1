package io.swarmgate.backend.origin;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.headRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.swarmgate.backend.origin.EdgeFixture.CONTENT;
import static io.swarmgate.backend.origin.EdgeFixture.PATH;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestCodec;
import io.swarmgate.backend.testing.TestRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What an edge knows for how long, and when it may serve it still. */
class EdgeFreshnessTest extends EdgeTests {
  @Test
  void whatIsFreshIsNotAskedAboutAndWhatIsStaleIsAskedAboutByItsValidator() {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.serve().close();
    edge.clock.advance(Duration.ofSeconds(59));
    assertThat(Reading.field(edge.serve().fields(), "Age")).contains("59");
    edge.origin.verify(1, headRequestedFor(urlEqualTo(PATH)));
    Instant now = edge.clock.instant();
    assertThat(edge.serve().dated(now)).isEqualTo(now.minusSeconds(59));

    edge.stubHead(aResponse().withStatus(304).withHeader("Cache-Control", "max-age=10"));
    edge.clock.advance(Duration.ofSeconds(2));
    Representation file = edge.serve();

    assertThat(Reading.field(file.fields(), "Cache-Control")).contains("max-age=10");
    edge.origin.verify(
        1, headRequestedFor(urlEqualTo(PATH)).withHeader("If-None-Match", equalTo("\"one\"")));
    edge.origin.verify(1, getRequestedFor(urlEqualTo(PATH + ".torrent")));
  }

  @Test
  void whoWaitsForAnAnswerToAnotherTellsSo() {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.serve().close();
    edge.clock.advance(Duration.ofSeconds(61));
    edge.stubHead(aResponse().withStatus(304).withFixedDelay(300));

    List<CompletionStage<Outcome>> both = List.of(edge.begin(), edge.begin());

    assertThat(both)
        .extracting(Reading::await)
        .extracting(outcome -> ((Outcome.Serve) outcome).representation())
        .allSatisfy(Representation::close)
        .extracting(file -> Objects.requireNonNull(file.cached()))
        .allMatch(Cached::stale)
        .extracting(Cached::collapsed)
        .containsExactly(false, true);
    edge.origin.verify(2, headRequestedFor(urlEqualTo(PATH)));
  }

  @Test
  void anOriginWithoutAnEntityTagIsAskedByDateAndItsContentNamedByItsHash() {
    edge.publish(CONTENT, "W/\"weak\"", FRESH);
    edge.stubHead(
        aResponse()
            .withHeader("Content-Length", Integer.toString(CONTENT.length))
            .withHeader("Last-Modified", "Tue, 01 Jul 2025 10:00:00 GMT")
            .withHeader("Link", "<a.iso.torrent>; rel=describedby; type=application/x-bittorrent"));
    String sha256 = HexFormat.of().formatHex(TestCodec.digest("SHA-256").digest(CONTENT));
    assertThat(edge.serve().validator().etag()).isEqualTo('"' + sha256 + '"');

    edge.stubHead(aResponse().withStatus(304));
    edge.clock.advance(Duration.ofSeconds(61));
    edge.serve().close();

    edge.origin.verify(
        1,
        headRequestedFor(urlEqualTo(PATH))
            .withHeader("If-Modified-Since", equalTo("Tue, 01 Jul 2025 10:00:00 GMT")));
  }

  @Test
  void staleContentStandsInForAFailingOriginAsLongAsItMay() {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.serve().close();

    edge.origin.stop();
    edge.clock.advance(Duration.ofMinutes(30));
    edge.serve().close();
    edge.clock.advance(Duration.ofMinutes(32));

    assertThat(edge.open())
        .isInstanceOfSatisfying(
            Outcome.Fail.class, fail -> assertThat(fail.status()).isEqualTo(502));
  }

  @Test
  void staleContentStandsInForAServerError() {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.serve().close();
    edge.clock.advance(Duration.ofMinutes(2));
    edge.stubAll(aResponse().withStatus(503));
    edge.serve().close();
  }

  @Test
  void whatMustBeRevalidatedNeverStandsInStale() {
    edge.publish(CONTENT, "\"one\"", "max-age=60, must-revalidate");
    edge.serve().close();
    edge.clock.advance(Duration.ofMinutes(2));
    edge.stubAll(aResponse().withStatus(503));
    assertThat(edge.relay(TestRequest.get(PATH)).status()).isEqualTo(503);
  }

  @Test
  void aRestartServesWhatIsHeldAndRevalidatesWhatIsStale() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.seed(CONTENT);
    assertThat(Reading.all(edge.serve())).isEqualTo(CONTENT);

    edge.restart();
    assertThat(edge.engine.torrents()).containsExactly(EdgeFixture.metainfo(CONTENT).infoHash());
    assertThat(edge.serve().validator().etag()).isEqualTo("\"one\"");
    edge.origin.verify(1, headRequestedFor(urlEqualTo(PATH)));

    edge.origin.stop();
    edge.clock.advance(Duration.ofMinutes(2));
    assertThat(Reading.all(edge.serve())).isEqualTo(CONTENT);
  }
}
