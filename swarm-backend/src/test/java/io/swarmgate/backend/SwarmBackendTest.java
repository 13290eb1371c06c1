package io.swarmgate.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.SiteStatus;
import io.swarmgate.backend.testing.MemoryEngine;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestClock;
import io.swarmgate.backend.testing.TestCodec;
import io.swarmgate.backend.testing.TestRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwarmBackendTest {
  private static final String PATH = "/d/a.iso";

  @TempDir Path base;

  private final TestClock clock = new TestClock();
  private final MemoryEngine.Net net = new MemoryEngine.Net();

  @Test
  void anEdgeServesFromItsPublishersSwarm() throws Exception {
    byte[] content = file();
    clock.advance(Duration.ofSeconds(3));
    try (SwarmBackend publisher = publisher(net.engine());
        OriginServer origin = new OriginServer(publisher);
        SwarmBackend edge =
            backend("edge", Map.of("patterns", "/d/*", "origin", origin.url()), net.engine())) {
      publisher.start();
      edge.start();
      await().until(() -> serve(publisher).validator().etag() != null);

      Representation served = serve(edge);

      assertThat(served.validator().etag()).isEqualTo(serve(publisher).validator().etag());
      assertThat(Reading.field(served.fields(), "Link")).isPresent();
      assertThat(Reading.all(served)).isEqualTo(content);
      NodeStatus status = edge.status();
      assertThat(status.running()).isTrue();
      assertThat(status.sites()).extracting(SiteStatus::roles).hasToString("[[edge]]");
      assertThat(status.sites().get(0).files())
          .isEqualTo(publisher.status().sites().get(0).files());
      assertThat(status.fromOrigins()).isZero();
      SiteStatus site = publisher.status().sites().get(0);
      assertThat(site.hashed()).isEqualTo(site.length()).isEqualTo(content.length);
    }
  }

  @Test
  void aReplacedFileReachesAnEdgeAsSoonAsItsOwnIsStale() throws Exception {
    byte[] content = file();
    clock.advance(Duration.ofSeconds(3));
    try (SwarmBackend publisher = publisher(net.engine());
        OriginServer origin = new OriginServer(publisher);
        SwarmBackend edge =
            backend("edge", Map.of("patterns", "/d/*", "origin", origin.url()), net.engine())) {
      publisher.start();
      edge.start();
      await().until(() -> serve(publisher).validator().etag() != null);
      String etag = serve(publisher).validator().etag();
      assertThat(Reading.all(serve(edge))).isEqualTo(content);

      byte[] replaced = content.clone();
      replaced[1234] ^= 1;
      Path aside = Files.write(base.resolve("aside"), replaced);
      Files.move(aside, base.resolve("www/d/a.iso"), StandardCopyOption.REPLACE_EXISTING);
      assertThat(Reading.all(serve(publisher))).isEqualTo(replaced);
      // Fresh, and whole.
      assertThat(Reading.all(serve(edge))).isEqualTo(content);

      clock.advance(Duration.ofMinutes(1));
      await()
          .until(
              () -> serve(publisher).validator().etag(), now -> now != null && !now.equals(etag));
      Representation served = serve(edge);
      assertThat(served.validator().etag()).isEqualTo(serve(publisher).validator().etag());
      assertThat(Reading.all(served)).isEqualTo(replaced);
    }
  }

  @Test
  void aDisabledNodeStartsNothingAndAcceptsNothing() throws Exception {
    MemoryEngine engine = net.engine();
    try (SwarmBackend off = backend("off", Map.of("enabled", "false"), engine)) {
      off.start();
      assertThat(off.accepts(TestRequest.get(PATH))).isFalse();
      assertThat(off.status().running()).isFalse();
      assertThat(engine.started).isFalse();
      assertThat(base.resolve("off")).doesNotExist();
    }
  }

  @Test
  void onlyGetAndHeadOfMatchingPathsAreAccepted() throws Exception {
    file();
    try (SwarmBackend publisher = publisher(net.engine())) {
      assertThat(publisher.accepts(TestRequest.get(PATH))).isFalse();
      publisher.start();
      assertThat(publisher.accepts(TestRequest.get(PATH))).isTrue();
      assertThat(publisher.accepts(TestRequest.get(PATH).method("HEAD"))).isTrue();
      assertThat(publisher.accepts(TestRequest.get(PATH).method("POST"))).isFalse();
      assertThat(publisher.accepts(TestRequest.get("/other/a.iso"))).isFalse();
      assertThat(publisher.accepts(TestRequest.get("/d/%2e%2e/a.iso"))).isFalse();
    }
  }

  @Test
  void aFailedStartLeavesNothingRunningAndCanBeRepeated() throws Exception {
    file();
    MemoryEngine broken = net.engine();
    broken.startFailure = new IOException("port 6891: expected to be free, got taken");
    try (SwarmBackend publisher = publisher(broken)) {
      assertThatThrownBy(publisher::start).hasMessageContaining("6891");
      assertThat(publisher.accepts(TestRequest.get(PATH))).isFalse();
      assertThat(broken.closed).isTrue();
    }
    try (SwarmBackend again = publisher(net.engine())) {
      again.start();
      assertThat(again.status().running()).isTrue();
    }
  }

  @Test
  void twoNodesNeverShareAStore() throws Exception {
    file();
    MemoryEngine second = net.engine();
    try (SwarmBackend one = publisher(net.engine());
        SwarmBackend two = publisher(second)) {
      one.start();
      assertThatThrownBy(two::start).isInstanceOf(IOException.class).hasMessageContaining("store");
      assertThat(second.started).isFalse();
    }
  }

  private byte[] file() throws IOException {
    byte[] content = new byte[600_000];
    new Random(1).nextBytes(content);
    Files.createDirectories(base.resolve("www/d"));
    Files.write(base.resolve("www/d/a.iso"), content);
    return content;
  }

  private SwarmBackend publisher(MemoryEngine engine) throws Exception {
    return backend("publisher", Map.of("patterns", "/d/*", "content", "www"), engine);
  }

  private SwarmBackend backend(String store, Map<String, String> values, MemoryEngine engine)
      throws Exception {
    Map<String, String> all = new HashMap<>(Map.of("store", store, "minSize", "1000"));
    all.putAll(values);
    SwarmBackendConfig config = SwarmBackendConfig.parse(all, base);
    return new SwarmBackend(config, new TestCodec(), parsed -> engine, clock);
  }

  private static Representation serve(SwarmBackend backend) {
    Outcome outcome = Reading.await(backend.open(TestRequest.get(PATH)));
    assertThat(outcome).isInstanceOf(Outcome.Serve.class);
    return ((Outcome.Serve) outcome).representation();
  }
}
