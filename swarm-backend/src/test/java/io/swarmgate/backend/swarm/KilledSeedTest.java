package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.testing.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Seeds in processes of their own, killed while they are downloaded from. */
class KilledSeedTest {
  private static final byte[] CONTENT = content(51, 256 * PIECE + 77);
  private static final Metainfo METAINFO = metainfo(CONTENT);

  /** So slow that there is time for a kill. */
  private static final long BYTES_PER_SECOND = 2 << 20;

  private static final ReadPolicy PATIENT =
      new ReadPolicy(Duration.ZERO, Duration.ofMinutes(2), piece -> {});

  private final SwarmTestKit swarm = new SwarmTestKit();
  private final List<Process> children = new ArrayList<>();
  private final ExecutorService client = Executors.newSingleThreadExecutor();

  @AfterEach
  void stop() throws Exception {
    swarm.close();
    client.shutdownNow();
    for (Process child : children) {
      kill(child);
    }
  }

  private static void kill(Process child) throws InterruptedException {
    child.destroyForcibly();
    assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
  }

  /** Starts a seed, and returns the port at which it listens. */
  private int seed(int port) throws IOException {
    Process child = ChildJvm.start(List.of("-Xmx128m"), Seed.class, String.valueOf(port));
    children.add(child);
    BufferedReader out = child.inputReader(StandardCharsets.US_ASCII);
    return Integer.parseInt(out.readLine());
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private LoopSwarmEngine leech(InetSocketAddress... seeds) throws IOException {
    LoopSwarmEngine leech = swarm.engine(seeds);
    leech.add(METAINFO.infoHash(), () -> new MemoryStore(METAINFO));
    return leech;
  }

  private Future<byte[]> readAll(LoopSwarmEngine leech) {
    return client.submit(
        () -> {
          try (ContentReader reader = leech.join(METAINFO.infoHash()).reader(PATIENT)) {
            return read(reader, new ByteSpan(0, CONTENT.length));
          }
        });
  }

  @Test
  void whatASeedThatIsKilledOwesComesFromAnother() throws Exception {
    LoopSwarmEngine other = swarm.engine(c -> c.withUploadLimit(BYTES_PER_SECOND));
    other.add(METAINFO.infoHash(), () -> MemoryStore.full(METAINFO, CONTENT));
    InetSocketAddress killed = loopback(seed(0));
    LoopSwarmEngine leech = leech(killed, other.address());
    Future<byte[]> read = readAll(leech);
    await().atMost(Duration.ofMinutes(1)).until(() -> downloaded(leech, killed) > 512 << 10);
    kill(children.get(0));
    assertThat(leech.downloaded()).isLessThan(CONTENT.length);
    assertThat(read.get(2, TimeUnit.MINUTES)).isEqualTo(CONTENT);
    assertThat(leech.downloaded()).isEqualTo(CONTENT.length);
  }

  private static long downloaded(LoopSwarmEngine leech, InetSocketAddress from) {
    String address = from.getAddress().getHostAddress() + ":" + from.getPort();
    return leech.status().stream()
        .flatMap(status -> status.peers().stream())
        .filter(peer -> peer.address().equals(address))
        .mapToLong(SwarmStatus.PeerStatus::downloaded)
        .sum();
  }

  @Test
  void aDownloadGoesOnByItselfWhenItsOnlySeedIsBack() throws Exception {
    int port = seed(0);
    LoopSwarmEngine leech = leech(loopback(port));
    Future<byte[]> read = readAll(leech);
    for (int i = 1; i <= 2; i++) {
      long enough = i * (2L << 20);
      await().atMost(Duration.ofMinutes(1)).until(() -> leech.downloaded() > enough);
      kill(children.get(i - 1));
      await().until(() -> leech.status().get(0).peers().isEmpty());
      assertThat(read).isNotDone();
      assertThat(seed(port)).isEqualTo(port);
    }
    assertThat(read.get(2, TimeUnit.MINUTES)).isEqualTo(CONTENT);
    // No block twice: what had come is kept, of unfinished pieces too.
    assertThat(leech.downloaded()).isEqualTo(CONTENT.length);
  }

  /** Seeds until its standard input ends, which it does when the test's process does. */
  static final class Seed {
    private Seed() {}

    public static void main(String[] args) throws Exception {
      EngineConfig config =
          EngineConfig.listeningAt(loopback(Integer.parseInt(args[0])))
              .withUploadLimit(BYTES_PER_SECOND);
      try (LoopSwarmEngine engine = new LoopSwarmEngine(config)) {
        engine.add(METAINFO.infoHash(), () -> MemoryStore.full(METAINFO, CONTENT));
        engine.start();
        System.out.println(engine.address().getPort());
        while (System.in.read() >= 0) {
          // Nothing is said to it.
        }
      }
    }
  }
}
