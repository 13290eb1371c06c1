package io.swarmgate.backend.origin;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.head;
import static com.github.tomakehurst.wiremock.client.WireMock.headRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.swarmgate.backend.origin.EdgeFixture.CONTENT;
import static io.swarmgate.backend.origin.EdgeFixture.OTHER;
import static io.swarmgate.backend.origin.EdgeFixture.PATH;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code authorize=origin} on an edge whose origin answers by a cookie. */
class GatedOriginTest {
  private static final TestRequest STRANGER = TestRequest.get(PATH);
  private static final TestRequest MEMBER = STRANGER.with("Cookie", "member=yes");
  private static final String ONE = "\"one\"";

  @TempDir Path base;
  private EdgeFixture edge;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeFixture(base, Map.of("authorize", "origin"));
    edge.seed(CONTENT);
    gate(CONTENT, ONE, "max-age=600");
  }

  @AfterEach
  void end() {
    edge.close();
  }

  /** Lets the origin give the file to members, and refuse others. */
  private void gate(byte[] content, String etag, String cacheControl) {
    refuse(aResponse().withStatus(401).withHeader("WWW-Authenticate", "Basic").withBody("no"));
    edge.origin.stubFor(
        head(urlEqualTo(PATH))
            .withHeader("Cookie", equalTo("member=yes"))
            .willReturn(EdgeFixture.described(content, etag, cacheControl)));
    edge.origin.stubFor(
        get(urlEqualTo(PATH))
            .withHeader("Cookie", equalTo("member=yes"))
            .willReturn(EdgeFixture.described(content, etag, cacheControl).withBody(content)));
    edge.origin.stubFor(
        get(urlEqualTo(PATH + ".torrent"))
            .withHeader("Cookie", equalTo("member=yes"))
            .willReturn(ok().withBody(EdgeFixture.metainfo(content).encoded())));
  }

  private void refuse(ResponseDefinitionBuilder how) {
    edge.origin.stubFor(any(urlEqualTo(PATH)).withHeader("Cookie", absent()).willReturn(how));
  }

  @Test
  void whoTheOriginLetsIsServedFromTheSwarmAndOthersGetItsRefusal() throws Exception {
    assertThat(Reading.all(serve(MEMBER))).isEqualTo(CONTENT);
    assertRefused(STRANGER);
    assertThat(Reading.all(serve(MEMBER))).isEqualTo(CONTENT);
    assertRefused(STRANGER.with("Range", "bytes=0-9"));
    assertRefused(STRANGER.with("If-None-Match", ONE));
    edge.origin.verify(
        0, getRequestedFor(urlEqualTo(PATH)).withHeader("Cookie", equalTo("member=yes")));
  }

  private void assertRefused(TestRequest request) throws Exception {
    Outcome.PassThrough refusal = edge.relay(request);
    assertThat(refusal.status()).isEqualTo(401);
    assertThat(Reading.field(refusal.fields(), "WWW-Authenticate")).contains("Basic");
    assertThat(Reading.all(refusal.body())).isEqualTo("no".getBytes(US_ASCII));
  }

  @ParameterizedTest
  @CsvSource({"403,", "404,", "302,/login", "307,https://login.test/", "503,"})
  void whateverTheOriginAnswersReachesTheClientAsItCame(int status, String location)
      throws Exception {
    serve(MEMBER).close();
    ResponseDefinitionBuilder answer = aResponse().withStatus(status).withBody("page");
    refuse(location == null ? answer : answer.withHeader("Location", location));
    Outcome.PassThrough refusal = edge.relay(STRANGER);
    assertThat(refusal.status()).isEqualTo(status);
    assertThat(Reading.field(refusal.fields(), "Location").orElse(null)).isEqualTo(location);
    assertThat(Reading.all(refusal.body())).isEqualTo("page".getBytes(US_ASCII));
  }

  @Test
  void eachRequestIsAskedOfTheOriginWithAllItCameWithButRangesAndConditions() {
    serve(MEMBER).close();
    serve(
            MEMBER
                .with("X-Key", "k")
                .with("Range", "bytes=5-9")
                .with("If-Range", "\"x\"")
                .with("If-Match", "*")
                .with("If-None-Match", "\"x\""))
        .close();
    edge.origin.verify(
        1,
        headRequestedFor(urlEqualTo(PATH))
            .withHeader("X-Key", equalTo("k"))
            .withHeader("If-None-Match", equalTo(ONE))
            .withHeader("Range", absent())
            .withHeader("If-Range", absent())
            .withHeader("If-Match", absent()));
  }

  @Test
  void thatTheFileIsStillTheSameIsConsentEnough() throws Exception {
    serve(MEMBER).close();
    edge.origin.stubFor(
        head(urlEqualTo(PATH))
            .withHeader("Cookie", equalTo("member=too"))
            .withHeader("If-None-Match", equalTo(ONE))
            .willReturn(aResponse().withStatus(304)));
    assertThat(Reading.all(serve(STRANGER.with("Cookie", "member=too")))).isEqualTo(CONTENT);
  }

  @Test
  void manyWhoComeAtOnceAreEachAskedAboutAndLearnTheFileOnce() {
    refuse(aResponse().withStatus(401).withFixedDelay(100));
    List<CompletionStage<Outcome>> all =
        IntStream.range(0, 20)
            .mapToObj(i -> edge.begin(i % 2 == 0 ? MEMBER.with("X-Who", "" + i) : STRANGER))
            .toList();
    for (int i = 0; i < all.size(); i++) {
      assertThat(Reading.await(all.get(i)))
          .isInstanceOf(i % 2 == 0 ? Outcome.Serve.class : Outcome.PassThrough.class);
    }
    edge.origin.verify(20, headRequestedFor(urlEqualTo(PATH)));
    edge.origin.verify(1, getRequestedFor(urlEqualTo(PATH + ".torrent")));
  }

  @Test
  void aStrangerDoesNotKeepMembersFromTheSwarm() throws Exception {
    assertRefused(STRANGER);
    serve(MEMBER).close();
  }

  @Test
  void withoutTheOriginNobodyIsServed() {
    serve(MEMBER).close();
    edge.origin.stop();
    assertThat(edge.open(MEMBER)).isInstanceOf(Outcome.Fail.class);
    assertThat(edge.open(MEMBER.with("Cache-Control", "only-if-cached")))
        .isInstanceOfSatisfying(
            Outcome.PassThrough.class, answer -> assertThat(answer.status()).isEqualTo(504));
  }

  @Test
  void aNewVersionIsServedAtOnceAndNeverMixedWithTheOld() throws Exception {
    edge.seed(OTHER);
    assertThat(Reading.all(serve(MEMBER))).isEqualTo(CONTENT);
    gate(OTHER, "\"two\"", "max-age=600");
    assertThat(Reading.all(serve(MEMBER))).isEqualTo(OTHER);
    assertRefused(STRANGER);
  }

  @ParameterizedTest
  @CsvSource({"'private, max-age=60'", "no-store"})
  void whatMustNotBeStoredIsRelayedWithTheClientsCredentials(String cacheControl) throws Exception {
    gate(CONTENT, ONE, cacheControl);
    assertThat(Reading.all(edge.relay(MEMBER).body())).isEqualTo(CONTENT);
    assertRefused(STRANGER);
    edge.origin.verify(0, getRequestedFor(urlEqualTo(PATH + ".torrent")));
  }

  @Test
  void whatAnswersAuthorizationIsStoredOnlyIfItMayBe() {
    TestRequest authorized = MEMBER.with("Authorization", "Basic eHl6");
    edge.relay(authorized).body().close();
    edge.clock.advance(Duration.ofSeconds(11));
    gate(CONTENT, ONE, "no-cache, must-revalidate");
    serve(authorized).close();
  }

  @Test
  void aPieceThatNoPeerHasIsFetchedWithTheCredentialsOfWhoWaits() throws Exception {
    edge.close();
    edge = new EdgeFixture(base, Map.of("authorize", "origin"));
    gate(CONTENT, ONE, "max-age=600");
    for (int start = 0; start < CONTENT.length; start += 16384) {
      int end = Math.min(CONTENT.length, start + 16384);
      edge.origin.stubFor(
          get(urlEqualTo(PATH))
              .withHeader("Range", equalTo("bytes=" + start + "-" + (end - 1)))
              .withHeader("Cookie", equalTo("member=yes"))
              .willReturn(
                  aResponse()
                      .withStatus(206)
                      .withHeader(
                          "Content-Range",
                          "bytes " + start + "-" + (end - 1) + "/" + CONTENT.length)
                      .withBody(Arrays.copyOfRange(CONTENT, start, end))));
    }
    assertThat(Reading.all(serve(MEMBER))).isEqualTo(CONTENT);
    assertRefused(STRANGER);
  }

  private Representation serve(TestRequest request) {
    Outcome outcome = edge.open(request);
    assertThat(outcome).isInstanceOf(Outcome.Serve.class);
    return ((Outcome.Serve) outcome).representation();
  }
}
