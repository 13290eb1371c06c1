package io.swarmgate.backend.origin;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.headRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.swarmgate.backend.origin.EdgeFixture.CONTENT;
import static io.swarmgate.backend.origin.EdgeFixture.OTHER;
import static io.swarmgate.backend.origin.EdgeFixture.PATH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.site.MetainfoToken;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestCodec;
import io.swarmgate.backend.testing.TestRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EdgeTest {
  private static final String FRESH = "max-age=60";

  @TempDir Path base;
  private EdgeFixture edge;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeFixture(base, Map.of());
  }

  @AfterEach
  void end() {
    edge.close();
  }

  @Test
  void aPublishersFileIsServedFromTheSwarmWithTheOriginsFields() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.seed(CONTENT);

    Representation file = edge.serve();

    assertThat(file.validator().etag()).isEqualTo("\"one\"");
    assertThat(file.contentType()).isEqualTo("application/x-iso9660-image");
    assertThat(file.length()).isEqualTo(CONTENT.length);
    assertThat(Reading.field(file.fields(), "Cache-Control")).contains(FRESH);
    assertThat(Reading.field(file.fields(), "Age")).contains("0");
    assertThat(Reading.field(file.fields(), "Content-Length")).isEmpty();
    assertThat(Reading.all(file)).isEqualTo(CONTENT);
    edge.origin.verify(0, getRequestedFor(urlEqualTo(PATH)));
  }

  @Test
  void itTellsWhatIsHeldAndWhereTheBytesCameFrom() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.seed(CONTENT);
    ByteSpan all = new ByteSpan(0, CONTENT.length);
    Representation cold = edge.serve();
    Cached before = Objects.requireNonNull(cold.cached());
    assertThat(before.held(all)).isZero();
    assertThat(before.stale()).isFalse();
    assertThat(before.ttl()).isEqualTo(60);

    assertThat(sources(cold)).isEqualTo(new Sources(0, CONTENT.length, 0));
    edge.clock.advance(Duration.ofSeconds(61));
    Representation warm = edge.serve();
    Cached after = Objects.requireNonNull(warm.cached());
    assertThat(after.held(all)).isEqualTo(CONTENT.length);
    assertThat(after.stale()).isTrue();
    assertThat(sources(warm)).isEqualTo(new Sources(CONTENT.length, 0, 0));
  }

  private static @Nullable Sources sources(Representation file) throws Exception {
    try (file;
        ContentReader reader = file.reader()) {
      assertThat(Reading.all(reader, file.length())).isEqualTo(CONTENT);
      return reader.sources();
    }
  }

  @Test
  void thatThereIsNoCodingIsNotRepeated() {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.stubHead(
        EdgeFixture.described(CONTENT, "\"one\"", FRESH)
            .withHeader("Content-Encoding", "identity"));

    assertThat(Reading.field(edge.serve().fields(), "Content-Encoding")).isEmpty();
  }

  @Test
  void manyColdRequestsAskTheOriginOnce() {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.stubHead(EdgeFixture.described(CONTENT, "\"one\"", FRESH).withFixedDelay(200));

    List<CompletionStage<Outcome>> all =
        IntStream.range(0, 20).mapToObj(i -> edge.begin()).toList();

    assertThat(all).allSatisfy(o -> assertThat(Reading.await(o)).isInstanceOf(Outcome.Serve.class));
    edge.origin.verify(1, headRequestedFor(urlEqualTo(PATH)));
    edge.origin.verify(1, getRequestedFor(urlEqualTo(PATH + ".torrent")));
  }

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
  void aNewVersionIsServedToNewRequestsWhileRunningOnesKeepTheOld() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.seed(CONTENT);
    edge.seed(OTHER);
    Representation old = edge.serve();
    ContentReader running = old.reader();
    old.close();
    InfoHash oldHash = EdgeFixture.metainfo(CONTENT).infoHash();

    edge.publish(OTHER, "\"two\"", FRESH);
    edge.clock.advance(Duration.ofSeconds(61));

    assertThat(Reading.all(edge.serve())).isEqualTo(OTHER);
    assertThat(Reading.all(running, CONTENT.length)).isEqualTo(CONTENT);
    assertThat(edge.engine.removed).isEmpty();
    running.close();
    await().until(() -> edge.files.deleted.equals(List.of(oldHash)));
    assertThat(edge.engine.removed).containsExactly(oldHash);
  }

  @Test
  void aNewValidatorOverTheSameContentCutsNobodyOff() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.seed(CONTENT);
    edge.serve().close();

    edge.publish(CONTENT, "\"two\"", FRESH);
    edge.clock.advance(Duration.ofSeconds(61));

    Representation file = edge.serve();
    assertThat(file.validator().etag()).isEqualTo("\"two\"");
    assertThat(Reading.all(file)).isEqualTo(CONTENT);
    assertThat(edge.engine.removed).isEmpty();
    assertThat(edge.files.deleted).isEmpty();
  }

  @Test
  void whatEndsBeforeItsBytesWakesNoSwarm() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.seed(CONTENT);
    try (Representation file = edge.serve()) {
      assertThat(file.length()).isEqualTo(CONTENT.length);
      assertThat(edge.engine.torrents()).hasSize(1);
      assertThat(edge.engine.awake()).isEmpty();
      assertThat(Reading.all(file)).isEqualTo(CONTENT);
      assertThat(edge.engine.awake()).hasSize(1);
    }
  }

  @Test
  void whatTheStoreCantTakeIsRelayed() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.files.full = true;
    assertThat(Reading.all(edge.relay(TestRequest.get(PATH)).body())).isEqualTo(CONTENT);
  }

  @Test
  void aTorrentThatCantBeWokenFailsItsReadersAndIsRelayedThen() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    try (Representation file = edge.serve()) {
      edge.files.stores.clear();
      assertThatThrownBy(() -> Reading.all(file)).isInstanceOf(IOException.class);
    }
    assertThat(Reading.all(edge.relay(TestRequest.get(PATH)).body())).isEqualTo(CONTENT);
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

  @Test
  void aPieceThatNoPeerHasComesFromTheOriginByRange() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    stubPieces(CONTENT);

    assertThat(sources(edge.serve())).isEqualTo(new Sources(0, 0, CONTENT.length));

    edge.origin.verify(
        1,
        getRequestedFor(urlEqualTo(PATH))
            .withHeader("Range", equalTo("bytes=0-16383"))
            .withHeader("If-Match", equalTo("\"one\"")));
    assertThat(edge.edge().fetchedPieces()).isEqualTo(CONTENT.length);
  }

  @Test
  void aWrongContentRangeIsNotTakenForThePiece() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.origin.stubFor(
        get(urlEqualTo(PATH))
            .willReturn(
                aResponse()
                    .withStatus(206)
                    .withHeader("Content-Range", "bytes 1-16384/" + CONTENT.length)
                    .withBody(new byte[16384])));
    neverReady();
  }

  @Test
  void aPieceOfAnotherLengthOrOtherBytesIsNotTaken() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    for (int length : new int[] {16383, 16384, 16385}) {
      edge.origin.stubFor(
          get(urlEqualTo(PATH))
              .willReturn(
                  aResponse()
                      .withStatus(206)
                      .withHeader("Content-Range", "bytes 0-16383/" + CONTENT.length)
                      .withBody(new byte[length])));
      neverReady();
    }
  }

  @Test
  void anOriginThatChangedBetweenIsAskedAgainByTheNextRequest() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    Representation old = edge.serve();
    edge.publish(OTHER, "\"two\"", FRESH);
    edge.seed(OTHER);
    edge.origin.stubFor(
        get(urlEqualTo(PATH))
            .withHeader("If-Match", equalTo("\"one\""))
            .willReturn(aResponse().withStatus(412)));

    try (old;
        ContentReader reader = old.reader()) {
      awaitsFirstPiece(reader);
      await().untilAsserted(() -> assertThat(Reading.all(edge.serve())).isEqualTo(OTHER));
    }
  }

  /** Has the first piece fetched, and asserts that the edge is none the wiser for it. */
  private void neverReady() throws Exception {
    int before = requests();
    try (Representation file = edge.serve();
        ContentReader reader = file.reader()) {
      awaitsFirstPiece(reader);
      // The edge notes that it distrusts what it knows once it has judged the answer.
      await().until(() -> requests() > before);
      await().until(this::asksAgain);
      assertThat(reader.poll(0, 100)).isNull();
    }
  }

  /** Polls in vain until the torrent is awake, and waits once more. */
  private static void awaitsFirstPiece(ContentReader reader) throws Exception {
    assertThat(reader.poll(0, 100)).isNull();
    CountDownLatch awake = new CountDownLatch(1);
    reader.onReady(awake::countDown);
    assertThat(awake.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(reader.poll(0, 100)).isNull();
    reader.onReady(() -> {});
  }

  private boolean asksAgain() {
    int before = heads();
    edge.serve().close();
    return heads() > before;
  }

  private int heads() {
    return edge.origin.findAll(headRequestedFor(urlEqualTo(PATH))).size();
  }

  private int requests() {
    return edge.origin.findAll(getRequestedFor(urlEqualTo(PATH))).size();
  }

  private void stubPieces(byte[] content) {
    for (int start = 0; start < content.length; start += 16384) {
      int end = Math.min(content.length, start + 16384);
      edge.origin.stubFor(
          get(urlEqualTo(PATH))
              .withHeader("Range", equalTo("bytes=" + start + "-" + (end - 1)))
              .willReturn(
                  aResponse()
                      .withStatus(206)
                      .withHeader(
                          "Content-Range",
                          "bytes " + start + "-" + (end - 1) + "/" + content.length)
                      .withBody(Arrays.copyOfRange(content, start, end))));
    }
  }
}
