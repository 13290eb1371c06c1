package io.swarmgate.backend.origin;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.head;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestRequest;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shield of content that not everybody may have. */
class GatedShieldTest {
  private static final String PATH = EdgeFixture.PATH;
  private static final byte[] CONTENT = EdgeFixture.bytes(3);
  private static final TestRequest STRANGER = TestRequest.get(PATH);
  private static final TestRequest MEMBER = STRANGER.with("Cookie", "member=yes");

  private final WireMockServer origin = new WireMockServer(options().dynamicPort());

  @TempDir Path base;

  @BeforeEach
  void start() {
    origin.start();
    origin.stubFor(
        any(urlEqualTo(PATH))
            .withHeader("Cookie", absent())
            .willReturn(aResponse().withStatus(302).withHeader("Location", "/login")));
    origin.stubFor(
        head(urlEqualTo(PATH))
            .withHeader("Cookie", equalTo("member=yes"))
            .willReturn(EdgeFixture.plain(CONTENT, "\"one\"")));
    origin.stubFor(
        get(urlEqualTo(PATH))
            .withHeader("Cookie", equalTo("member=yes"))
            .willReturn(EdgeFixture.plain(CONTENT, "\"one\"").withBody(CONTENT)));
    origin.stubFor(
        any(urlEqualTo("/login"))
            .willReturn(EdgeFixture.plain(CONTENT, "\"login\"").withBody(EdgeFixture.bytes(4))));
  }

  @AfterEach
  void stop() {
    origin.stop();
  }

  @Test
  void aFileIsTakenInWithTheFieldsOfItsFirstReaderAndGivenToNobodyTheOriginRefuses()
      throws Exception {
    try (ShieldFixture shield =
        new ShieldFixture(base, origin.baseUrl(), Map.of("authorize", "origin"))) {
      assertRefused(shield, STRANGER);
      assertThat(Reading.all(shield.serve(MEMBER))).isEqualTo(CONTENT);
      assertRefused(shield, STRANGER);
      await().until(shield::isHashed);
      assertThat(Reading.all(shield.serve(MEMBER))).isEqualTo(CONTENT);
      assertRefused(shield, STRANGER.with("Range", "bytes=0-9"));
      origin.verify(
          1, getRequestedFor(urlEqualTo(PATH)).withHeader("Cookie", equalTo("member=yes")));
      // The login is the client's to go to; its page is nobody's file.
      origin.verify(0, anyRequestedFor(urlEqualTo("/login")));
    }
  }

  private static void assertRefused(ShieldFixture shield, TestRequest request) throws Exception {
    assertThat(shield.open(request)).isInstanceOf(Outcome.PassThrough.class);
    Outcome.PassThrough refusal = (Outcome.PassThrough) shield.open(request);
    assertThat(refusal.status()).isEqualTo(302);
    assertThat(Reading.field(refusal.fields(), "Location")).contains("/login");
    assertThat(Reading.all(refusal.body())).isEmpty();
  }

  @Test
  void theChainIsAskedAboutTheFileAndWhatIsRelayedButNotAboutMetainfoForNodes() throws Exception {
    origin.stubFor(
        any(urlEqualTo(PATH)).willReturn(EdgeFixture.plain(CONTENT, "\"one\"").withBody(CONTENT)));
    try (ShieldFixture shield =
        new ShieldFixture(base, origin.baseUrl(), Map.of("authorize", "chain"))) {
      assertThat(shield.metainfo()).isInstanceOf(Outcome.Ask.class);
      Outcome.Ask ask = (Outcome.Ask) shield.open(STRANGER);
      origin.verify(0, anyRequestedFor(urlEqualTo(PATH)));
      Outcome.Serve served = (Outcome.Serve) Reading.await(ask.allowed().get());
      assertThat(Reading.all(served.representation())).isEqualTo(CONTENT);
      await().until(shield::isHashed);
      assertThat(shield.open(STRANGER)).isInstanceOf(Outcome.Ask.class);
      assertThat(shield.metainfo())
          .isInstanceOfSatisfying(
              Outcome.Serve.class, metainfo -> metainfo.representation().close());
    }
  }
}
