package io.swarmgate.backend.origin;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.headRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.swarmgate.backend.origin.EdgeFixture.CONTENT;
import static io.swarmgate.backend.origin.EdgeFixture.OTHER;
import static io.swarmgate.backend.origin.EdgeFixture.PATH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.testing.Reading;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Pieces that an edge has from its origin. */
class EdgePiecesTest extends EdgeTests {
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
  void itTellsWhetherWhatIsMissingComesFromTheOriginAlready() throws Exception {
    edge.publish(CONTENT, "\"one\"", FRESH);
    edge.origin.stubFor(
        get(urlEqualTo(PATH)).willReturn(aResponse().withStatus(503).withFixedDelay(2000)));
    ByteSpan piece = new ByteSpan(0, 16384);
    try (Representation first = edge.serve();
        ContentReader reader = first.reader();
        Representation second = edge.serve()) {
      Cached cached = Objects.requireNonNull(second.cached());
      assertThat(cached.comes(piece)).isFalse();

      awaitsFirstPiece(reader);

      await().until(() -> cached.comes(piece));
      assertThat(cached.comes(new ByteSpan(100, 16385))).isFalse();
    }
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
