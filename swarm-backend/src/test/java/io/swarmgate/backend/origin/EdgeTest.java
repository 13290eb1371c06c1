package io.swarmgate.backend.origin;

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
import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an edge serves, and what it takes for one version of a file. */
class EdgeTest extends EdgeTests {
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
}
