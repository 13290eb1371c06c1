package io.swarmgate.backend.origin;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.head;
import static com.github.tomakehurst.wiremock.client.WireMock.headRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.swarmgate.backend.origin.EdgeFixture.CONTENT;
import static io.swarmgate.backend.origin.EdgeFixture.OTHER;
import static io.swarmgate.backend.origin.EdgeFixture.PATH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.matching.RequestPatternBuilder;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An edge as a shared cache (RFC 9111), and what it asks of its origin on whose behalf. */
class SharedCacheTest extends EdgeTests {
  private static final TestRequest GET = TestRequest.get(PATH);
  private static final String ONE = "\"one\"";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Cache-Control | max-age=600                | 5  | false",
        "Cache-Control | max-age=0                  | 5  | true",
        "Cache-Control | max-age=4                  | 5  | true",
        "Cache-Control | no-cache                   | 5  | true",
        "Pragma        | no-cache                   | 5  | true",
        "Cache-Control | min-fresh=50               | 5  | false",
        "Cache-Control | min-fresh=56               | 5  | true",
        "Cache-Control | no-store                   | 5  | false",
        "Cache-Control | max-stale=60               | 5  | false",
        // What was validated within the second is new enough for anybody.
        "Cache-Control | no-cache                   | 0  | false",
        "Cache-Control | min-fresh=600              | 0  | false",
      })
  void aClientMayHaveTheOriginAsked(String name, String value, long age, boolean asked) {
    edge.publish(CONTENT, ONE, "max-age=60");
    edge.serve().close();
    edge.clock.advance(Duration.ofSeconds(age));

    serve(GET.with(name, value)).close();

    edge.origin.verify(asked ? 2 : 1, heads());
  }

  @Test
  void aReloadIsAskedOfTheOriginPastCachesBeforeIt() {
    edge.publish(CONTENT, ONE, "max-age=60");
    edge.serve().close();
    edge.clock.advance(Duration.ofSeconds(5));
    serve(GET.with("Cache-Control", "no-cache")).close();
    edge.origin.verify(1, heads().withHeader("Cache-Control", equalTo("no-cache")));
  }

  @Test
  void whoWantsNothingButWhatIsHereGetsItWholeOrAGatewayTimeout() throws Exception {
    TestRequest only = GET.with("Cache-Control", "only-if-cached");
    edge.publish(CONTENT, ONE, "max-age=60");
    edge.seed(CONTENT);
    assertUnavailable(only);
    try (Representation nothingYet = edge.serve()) {
      assertUnavailable(only);
      assertThat(Reading.all(nothingYet)).isEqualTo(CONTENT);
    }
    assertThat(Reading.all(serve(only))).isEqualTo(CONTENT);
    edge.clock.advance(Duration.ofSeconds(61));
    assertUnavailable(only);
    edge.origin.verify(1, heads());
  }

  private void assertUnavailable(TestRequest request) {
    Outcome.PassThrough answer = edge.relay(request);
    assertThat(answer.status()).isEqualTo(504);
    assertThat(answer.body().ended()).isTrue();
  }

  @Test
  void whileStaleContentMayBeSentNobodyWaitsForTheOriginAndItIsAskedOnce() {
    edge.publish(CONTENT, ONE, "max-age=60, stale-while-revalidate=30");
    edge.serve().close();
    edge.clock.advance(Duration.ofSeconds(80));
    CountDownLatch served = new CountDownLatch(1);
    // Called before the origin's response is sent.
    edge.origin.addMockServiceRequestListener((request, response) -> hold(served));

    List<CompletionStage<Outcome>> all =
        IntStream.range(0, 20).mapToObj(i -> edge.begin()).toList();
    try {
      assertThat(all)
          .allSatisfy(
              outcome -> {
                Representation stale = ((Outcome.Serve) Reading.await(outcome)).representation();
                assertThat(Reading.field(stale.fields(), "Age")).contains("80");
              });
    } finally {
      served.countDown();
    }

    await().untilAsserted(() -> assertThat(age(edge.serve())).isEqualTo("0"));
    edge.origin.verify(2, heads());

    edge.clock.advance(Duration.ofSeconds(91));
    assertThat(age(edge.serve())).isEqualTo("0");
  }

  private static void hold(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String age(Representation file) {
    try (file) {
      return Reading.field(file.fields(), "Age").orElse("none");
    }
  }

  @Test
  void howLongStaleContentStandsInTheOriginMaySay() {
    edge.publish(CONTENT, ONE, "max-age=60, stale-if-error=5");
    edge.serve().close();
    edge.stubAll(aResponse().withStatus(503));
    edge.clock.advance(Duration.ofSeconds(64));
    edge.serve().close();
    edge.clock.advance(Duration.ofSeconds(2));
    assertThat(edge.relay(GET).status()).isEqualTo(503);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 403, 501, 505})
  void whatIsNoFailureOfTheOriginsIsItsAnswer(int status) {
    edge.publish(CONTENT, ONE, "max-age=60");
    edge.serve().close();
    edge.stubAll(aResponse().withStatus(status));
    edge.clock.advance(Duration.ofSeconds(61));
    assertThat(edge.relay(GET).status()).isEqualTo(status);
  }

  @Test
  void anOriginThatHangsHoldsUpTheFirstRequestAlone() throws Exception {
    edge.publish(CONTENT, ONE, "max-age=60");
    edge.seed(CONTENT);
    assertThat(Reading.all(edge.serve())).isEqualTo(CONTENT);
    edge.restartImpatient();
    edge.stubHead(described("max-age=60").withFixedDelay(60_000));
    edge.clock.advance(Duration.ofSeconds(61));
    assertThat(Reading.all(edge.serve())).isEqualTo(CONTENT);

    edge.clock.advance(Duration.ofSeconds(2));
    CompletionStage<Outcome> next = edge.begin();
    // Long before the origin is given up again.
    assertThat(Reading.await(next)).isInstanceOf(Outcome.Serve.class);
    assertThat(edge.edge().passedThrough()).isZero();
  }

  @Test
  void contentThatNeedsTheOriginsConsentIsAskedForWithTheClientsCredentials() throws Exception {
    edge.publish(CONTENT, ONE, "no-cache");
    edge.seed(CONTENT);
    edge.stubHead(aResponse().withStatus(403));
    edge.origin.stubFor(
        head(urlEqualTo(PATH)).withHeader("Cookie", absent()).willReturn(described("no-cache")));
    edge.origin.stubFor(
        head(urlEqualTo(PATH))
            .withHeader("Cookie", equalTo("who=a"))
            .withHeader("If-None-Match", equalTo(ONE))
            .willReturn(aResponse().withStatus(304)));
    assertThat(Reading.all(edge.serve())).isEqualTo(CONTENT);

    assertThat(Reading.all(serve(GET.with("Cookie", "who=a")))).isEqualTo(CONTENT);
    edge.stubAll(aResponse().withStatus(403).withBody("no"));
    assertThat(edge.relay(GET.with("Cookie", "who=b")).status()).isEqualTo(403);
    assertThat(edge.relay(GET.with("Authorization", "Basic eHl6")).status()).isEqualTo(403);
    edge.origin.verify(1, heads().withHeader("Authorization", equalTo("Basic eHl6")));
  }

  @Test
  void whatMustBeRevalidatedIsAskedForAloneOnlyOnceItIsStale() {
    edge.publish(CONTENT, ONE, "max-age=60, must-revalidate");
    TestRequest client = GET.with("Cookie", "who=a");
    serve(client).close();
    serve(client).close();
    edge.origin.verify(0, heads().withHeader("Cookie", equalTo("who=a")));
    edge.clock.advance(Duration.ofSeconds(61));
    serve(client).close();
    edge.origin.verify(1, heads().withHeader("Cookie", equalTo("who=a")));
  }

  @Test
  void requestsWithCredentialsAreNeverOneQuestion() {
    edge.publish(CONTENT, ONE, "no-cache");
    edge.serve().close();
    edge.stubHead(described("no-cache").withFixedDelay(200));
    List<CompletionStage<Outcome>> all =
        IntStream.range(0, 10).mapToObj(i -> edge.begin(GET.with("Cookie", "who=" + i))).toList();
    assertThat(all).allSatisfy(o -> assertThat(Reading.await(o)).isInstanceOf(Outcome.Serve.class));
    edge.origin.verify(11, heads());
  }

  @Test
  void aNewVersionThatAClientsOwnQuestionFindsIsLearnedForAll() throws Exception {
    edge.publish(CONTENT, ONE, "no-cache");
    edge.seed(CONTENT);
    edge.seed(OTHER);
    assertThat(Reading.all(edge.serve())).isEqualTo(CONTENT);
    edge.publish(OTHER, "\"two\"", "no-cache");
    assertThat(Reading.all(serve(GET.with("Cookie", "who=a")))).isEqualTo(OTHER);
    assertThat(Reading.all(edge.serve())).isEqualTo(OTHER);
  }

  @Test
  void aVersionForOneClientAloneIsRelayed() throws Exception {
    edge.publish(CONTENT, ONE, "no-cache");
    edge.serve().close();
    edge.origin.stubFor(
        head(urlEqualTo(PATH))
            .withHeader("Cookie", equalTo("who=a"))
            .willReturn(EdgeFixture.described(OTHER, "\"mine\"", "no-cache")));
    assertThat(Reading.all(edge.relay(GET.with("Cookie", "who=a")).body())).isEqualTo(CONTENT);
    edge.serve().close();
  }

  @Test
  void whatIsSelectedByAFieldIsServedToWhoHasNoneOfItAndElseIfTheOriginSaysItIsTheSame()
      throws Exception {
    edge.publish(CONTENT, ONE, "max-age=60");
    edge.seed(CONTENT);
    edge.stubHead(described("max-age=60").withHeader("Vary", "Accept-Encoding, Origin"));
    assertThat(Reading.all(edge.serve())).isEqualTo(CONTENT);
    edge.origin.stubFor(
        head(urlEqualTo(PATH))
            .withHeader("Origin", equalTo("https://a.test"))
            .willReturn(
                aResponse()
                    .withStatus(304)
                    .withHeader("Access-Control-Allow-Origin", "https://a.test")));
    edge.origin.stubFor(
        head(urlEqualTo(PATH))
            .withHeader("Origin", equalTo("https://b.test"))
            .willReturn(EdgeFixture.plain(OTHER, "\"b\"")));

    Representation same = serve(GET.with("Origin", "https://a.test"));
    assertThat(Reading.field(same.fields(), "Access-Control-Allow-Origin"))
        .contains("https://a.test");
    assertThat(Reading.all(same)).isEqualTo(CONTENT);
    edge.relay(GET.with("Origin", "https://b.test")).body().close();
    Representation others = edge.serve();
    assertThat(Reading.field(others.fields(), "Access-Control-Allow-Origin")).isEmpty();
    assertThat(Reading.field(others.fields(), "Vary")).contains("Accept-Encoding, Origin");
    others.close();
    edge.origin.verify(0, getRequestedFor(urlEqualTo(PATH)).withHeader("Origin", absent()));
  }

  @Test
  void a304ThatNamesAnotherVersionIsNotAboutOurs() {
    edge.publish(CONTENT, ONE, "max-age=60");
    edge.serve().close();
    edge.stubHead(aResponse().withStatus(304).withHeader("ETag", "\"other\""));
    edge.clock.advance(Duration.ofSeconds(61));
    edge.relay(GET).body().close();
  }

  private static ResponseDefinitionBuilder described(String cacheControl) {
    return EdgeFixture.described(CONTENT, ONE, cacheControl);
  }

  private static RequestPatternBuilder heads() {
    return headRequestedFor(urlEqualTo(PATH));
  }

  private Representation serve(TestRequest request) {
    Outcome outcome = edge.open(request);
    assertThat(outcome).isInstanceOf(Outcome.Serve.class);
    return ((Outcome.Serve) outcome).representation();
  }
}
