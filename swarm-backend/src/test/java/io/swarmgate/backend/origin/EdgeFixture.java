package io.swarmgate.backend.origin;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.head;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.site.SiteRouter;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.testing.MemoryEngine;
import io.swarmgate.backend.testing.MemoryStore;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestClock;
import io.swarmgate.backend.testing.TestCodec;
import io.swarmgate.backend.testing.TestRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;

/** An edge over a WireMock origin, with another node of its swarm beside it. */
final class EdgeFixture implements AutoCloseable {
  static final String PATH = "/d/a.iso";
  static final byte[] CONTENT = bytes(1);
  static final byte[] OTHER = bytes(2);

  final WireMockServer origin = new WireMockServer(options().dynamicPort());
  final TestClock clock = new TestClock();
  final MemoryFiles files = new MemoryFiles();
  final MemoryEngine peer;
  MemoryEngine engine;
  private OriginTimeouts timeouts;
  private final Map<String, String> values = new HashMap<>();
  private final MemoryEngine.Net net = new MemoryEngine.Net();
  private SwarmBackendConfig config;
  private Torrents torrents;
  private Edges edges;
  private Source edge;

  /** An edge that waits for its origin for as long as a loaded machine may need. */
  EdgeFixture(Path base, Map<String, String> more) throws Exception {
    this(base, more, OriginTimeouts.DEFAULT);
  }

  private EdgeFixture(Path base, Map<String, String> more, OriginTimeouts timeouts)
      throws Exception {
    this.timeouts = timeouts;
    origin.start();
    peer = net.engine();
    values.putAll(Map.of("patterns", "/d/*", "minSize", "1000", "origin", origin.baseUrl()));
    values.putAll(more);
    config = SwarmBackendConfig.parse(values, base);
    engine = net.engine();
    torrents = new Torrents(engine);
    edges = edges();
    edge = edges.edge(config.sites().get(0));
    edge.start();
  }

  /** Ends the edge and starts another that soon gives an origin up that doesn't answer. */
  void restartImpatient() throws Exception {
    timeouts = timeouts(Duration.ofSeconds(1), Duration.ofSeconds(30));
    restart();
  }

  /** One that soon gives a response up of which no more comes. */
  static EdgeFixture impatientOfStalls(Path base, Map<String, String> more) throws Exception {
    return new EdgeFixture(base, more, timeouts(Duration.ofSeconds(30), Duration.ofMillis(500)));
  }

  private static OriginTimeouts timeouts(Duration head, Duration stall) {
    return new OriginTimeouts(
        Duration.ofSeconds(30),
        head,
        stall,
        Duration.ofSeconds(30),
        new Backoff(Duration.ofMillis(10), Duration.ofMillis(100)));
  }

  private Edges edges() {
    return new Edges(config, new TestCodec(), torrents, files, clock, timeouts);
  }

  /** Ends the edge and starts another over what it left behind. */
  void restart() throws Exception {
    close(false);
    engine = net.engine();
    torrents = new Torrents(engine);
    edges = edges();
    edge = edges.edge(config.sites().get(0));
    edge.start();
  }

  static byte[] bytes(int seed) {
    byte[] bytes = new byte[100_000];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static Metainfo metainfo(byte[] content) {
    return TestCodec.metainfo("a.iso", content, 16 << 10);
  }

  /** Lets the other node of the swarm have all of {@code content}. */
  void seed(byte[] content) {
    Metainfo metainfo = metainfo(content);
    peer.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
  }

  /** Makes the origin a publisher of {@code content}. */
  void publish(byte[] content, String etag, String cacheControl) {
    stubHead(described(content, etag, cacheControl));
    origin.stubFor(get(urlEqualTo(PATH)).willReturn(plain(content, etag).withBody(content)));
    origin.stubFor(
        get(urlEqualTo(PATH + ".torrent")).willReturn(ok().withBody(metainfo(content).encoded())));
  }

  void stubHead(ResponseDefinitionBuilder response) {
    origin.stubFor(head(urlEqualTo(PATH)).willReturn(response));
  }

  void stubAll(ResponseDefinitionBuilder response) {
    origin.stubFor(any(urlEqualTo(PATH)).willReturn(response));
  }

  static ResponseDefinitionBuilder described(byte[] content, String etag, String cacheControl) {
    return plain(content, etag)
        .withHeader(
            "Link",
            "<" + PATH + ".torrent>; rel=\"describedby\"; type=\"application/x-bittorrent\"")
        .withHeader("Cache-Control", cacheControl);
  }

  static ResponseDefinitionBuilder plain(byte[] content, String etag) {
    return aResponse()
        .withStatus(200)
        .withHeader("Content-Type", "application/x-iso9660-image")
        .withHeader("Content-Length", Integer.toString(content.length))
        .withHeader("ETag", etag);
  }

  Outcome open() {
    return open(TestRequest.get(PATH));
  }

  Outcome open(TestRequest request) {
    return Reading.await(begin(request));
  }

  CompletionStage<Outcome> begin() {
    return begin(TestRequest.get(PATH));
  }

  CompletionStage<Outcome> begin(TestRequest request) {
    return edge.open(new SiteRouter(config.sites()).route(request).orElseThrow());
  }

  Representation serve() {
    Outcome outcome = open();
    assertThat(outcome).isInstanceOf(Outcome.Serve.class);
    return ((Outcome.Serve) outcome).representation();
  }

  Outcome.PassThrough relay(TestRequest request) {
    Outcome outcome = open(request);
    assertThat(outcome).isInstanceOf(Outcome.PassThrough.class);
    return (Outcome.PassThrough) outcome;
  }

  Source edge() {
    return edge;
  }

  @Override
  public void close() {
    close(true);
    origin.stop();
  }

  private void close(boolean all) {
    edge.close();
    edges.close();
    torrents.close();
    engine.close();
    if (all) {
      peer.close();
    }
  }
}
