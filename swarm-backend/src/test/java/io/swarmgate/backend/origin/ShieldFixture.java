package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.site.SiteRouter;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.testing.MemoryEngine;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestClock;
import io.swarmgate.backend.testing.TestCodec;
import io.swarmgate.backend.testing.TestRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A node over an origin that is no Swarmgate, its pieces in a store on disk. */
final class ShieldFixture implements AutoCloseable {
  static final String PATH = "/d/a.iso";

  /** Quick to try again, and waits for as long as a loaded machine may need. */
  static final OriginTimeouts PATIENT = timeouts(Duration.ofSeconds(30));

  /** Gives up soon what hangs, and now and then on a loaded machine what doesn't. */
  static final OriginTimeouts HASTY = timeouts(Duration.ofSeconds(1));

  final TestClock clock = new TestClock();
  final SwarmBackendConfig config;
  private final OriginTimeouts timeouts;
  MemoryEngine engine;
  ExtentStore store;
  private Torrents torrents;
  private Edges edges;
  private Source edge;

  ShieldFixture(Path base, String origin, Map<String, String> more) throws Exception {
    this(base, origin, more, PATIENT);
  }

  ShieldFixture(Path base, String origin, Map<String, String> more, OriginTimeouts timeouts)
      throws Exception {
    this.timeouts = timeouts;
    Map<String, String> values =
        new HashMap<>(
            Map.of("patterns", "/d/*", "minSize", "1000", "origin", origin, "storeMax", "64MiB"));
    values.putAll(more);
    config = SwarmBackendConfig.parse(values, base);
    start();
  }

  private static OriginTimeouts timeouts(Duration head) {
    return new OriginTimeouts(
        Duration.ofSeconds(30),
        head,
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        new Backoff(Duration.ofMillis(2), Duration.ofMillis(20)));
  }

  private void start() throws Exception {
    store = ExtentStore.open(config.store(), config.storeMax(), true, new TestCodec());
    engine = new MemoryEngine.Net().engine();
    torrents = new Torrents(engine);
    edges = new Edges(config, new TestCodec(), torrents, new ExtentFiles(store), clock, timeouts);
    edge = edges.edge(config.sites().get(0));
    edge.start();
  }

  /** Ends the node and starts another over what it left behind. */
  void restart() throws Exception {
    stop();
    start();
  }

  Source edge() {
    return edge;
  }

  Outcome open(TestRequest request) {
    return Reading.await(edge.open(new SiteRouter(config.sites()).route(request).orElseThrow()));
  }

  static TestRequest get() {
    return TestRequest.get(PATH);
  }

  Representation serve() {
    return serve(get());
  }

  Representation serve(TestRequest request) {
    Outcome outcome = open(request);
    for (int i = 0; i < 10 && timeouts.equals(HASTY) && outcome instanceof Outcome.Fail; i++) {
      outcome = open(request);
    }
    assertThat(outcome).isInstanceOf(Outcome.Serve.class);
    return ((Outcome.Serve) outcome).representation();
  }

  /** The metainfo as a node that may have it is given it. */
  Outcome metainfo() {
    return open(TestRequest.get(PATH + ".torrent"));
  }

  boolean isHashed() {
    return edge.files().stream().anyMatch(file -> file.infoHash() != null);
  }

  private void stop() {
    edge.close();
    edges.close();
    torrents.close();
    engine.close();
    store.close();
  }

  @Override
  public void close() {
    stop();
  }
}
