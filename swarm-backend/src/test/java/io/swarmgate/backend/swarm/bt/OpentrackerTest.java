package io.swarmgate.backend.swarm.bt;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.swarm.Announce;
import io.swarmgate.backend.swarm.Announced;
import io.swarmgate.backend.swarm.EngineConfig;
import io.swarmgate.backend.swarm.LoopSwarmEngine;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.SwarmEngine;
import io.swarmgate.backend.swarm.Tracker;
import io.swarmgate.backend.swarm.TrackerRefusedException;
import io.swarmgate.backend.testing.MemoryStore;
import io.swarmgate.backend.testing.Ports;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** opentracker, as Debian has it: it takes only torrents that are on its list. */
@Tag("interop")
class OpentrackerTest {
  private final List<SwarmEngine> engines = new ArrayList<>();
  private final byte[] content = content();
  private final Metainfo metainfo = TestCodec.metainfo("content.bin", content, 32 << 10);
  private final AtomicInteger answers = new AtomicInteger();
  private final int port = Ports.free();

  @TempDir Path directory;

  private Process opentracker;

  OpentrackerTest() throws IOException {}

  @BeforeEach
  void start() throws Exception {
    // Started as root it changes to "nobody" and into the directory, which must be open to that.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(directory.resolve("list"), metainfo.infoHash() + "\n");
    String at = String.valueOf(port);
    opentracker =
        new ProcessBuilder(
                "opentracker",
                "-i",
                "127.0.0.1",
                "-p",
                at,
                "-P",
                at,
                "-d",
                directory.toString(),
                "-w",
                "list")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    await().ignoreExceptions().until(this::accepts);
  }

  @AfterEach
  void stop() throws Exception {
    engines.forEach(SwarmEngine::close);
    opentracker.destroy();
    assertThat(opentracker.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "udp"})
  void enginesThatKnowOnlyTheTrackerFindEachOther(String scheme) throws Exception {
    LoopSwarmEngine seed = engine(scheme, () -> MemoryStore.full(metainfo, content));
    await().until(() -> answers.get() == 1);
    LoopSwarmEngine leech = engine(scheme, () -> new MemoryStore(metainfo));

    try (ContentReader reader = leech.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
      assertThat(Reading.all(reader, content.length)).isEqualTo(content);
    }
    await().until(() -> seed.uploaded() >= content.length);

    // Both have gone once they are closed: a third finds nobody.
    seed.close();
    leech.close();
    Announced announced =
        tracker(scheme)
            .announce(HttpTrackerTest.announce(metainfo.infoHash(), Announce.Event.STARTED, ""))
            .toCompletableFuture()
            .get(20, SECONDS);
    assertThat(announced.peers())
        .extracting(InetSocketAddress::getPort)
        .isSubsetOf(HttpTrackerTest.PORT);
  }

  @Test
  void aTorrentThatIsNotOnItsListIsRefused() throws Exception {
    Announce announce =
        HttpTrackerTest.announce(
            TestCodec.metainfo("other", new byte[1], 16 << 10).infoHash(),
            Announce.Event.STARTED,
            "");
    assertThatThrownBy(
            () -> tracker("http").announce(announce).toCompletableFuture().get(20, SECONDS))
        .cause()
        .isInstanceOf(TrackerRefusedException.class)
        .hasMessageContaining("not authorized");
  }

  private Tracker tracker(String scheme) {
    return Trackers.of(List.of(URI.create(scheme + "://127.0.0.1:" + port + "/announce"))).get(0);
  }

  private LoopSwarmEngine engine(String scheme, Supplier<PieceStore> store) throws IOException {
    Tracker tracker = tracker(scheme);
    Tracker counting =
        new Tracker() {
          @Override
          public CompletionStage<Announced> announce(Announce announce) {
            return tracker
                .announce(announce)
                .whenComplete((announced, failure) -> answers.incrementAndGet());
          }

          @Override
          public String toString() {
            return tracker.toString();
          }
        };
    LoopSwarmEngine engine =
        new LoopSwarmEngine(
            EngineConfig.listeningAt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withTrackers(List.of(counting)));
    engines.add(engine);
    engine.start();
    engine.add(metainfo.infoHash(), store);
    return engine;
  }

  private boolean accepts() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    }
  }

  private static byte[] content() {
    byte[] content = new byte[1_000_000];
    new Random(2).nextBytes(content);
    return content;
  }
}
