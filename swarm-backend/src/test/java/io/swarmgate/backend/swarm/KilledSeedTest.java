package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SeedProcess.CONTENT;
import static io.swarmgate.backend.swarm.SeedProcess.METAINFO;
import static io.swarmgate.backend.swarm.SwarmTestKit.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.testing.Ports;
import java.io.IOException;
import java.net.InetSocketAddress;
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
  private static final ReadPolicy PATIENT =
      new ReadPolicy(Duration.ZERO, Duration.ofMinutes(2), piece -> {});

  private final SwarmTestKit swarm = new SwarmTestKit();
  private final List<SeedProcess> seeds = new ArrayList<>();
  private final ExecutorService client = Executors.newSingleThreadExecutor();

  @AfterEach
  void stop() throws Exception {
    swarm.close();
    client.shutdownNow();
    for (SeedProcess seed : seeds) {
      seed.close();
    }
  }

  /** Starts a seed, and returns where it listens. */
  private InetSocketAddress seed(int port) throws IOException {
    SeedProcess seed = SeedProcess.start(port);
    seeds.add(seed);
    return seed.address();
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
    LoopSwarmEngine other = swarm.engine(c -> c.withUploadLimit(SeedProcess.BYTES_PER_SECOND));
    other.add(METAINFO.infoHash(), () -> MemoryStore.full(METAINFO, CONTENT));
    InetSocketAddress killed = seed(0);
    LoopSwarmEngine leech = leech(killed, other.address());
    Future<byte[]> read = readAll(leech);
    await().atMost(Duration.ofMinutes(1)).until(() -> downloaded(leech, killed) > 512 << 10);
    seeds.get(0).kill();
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
    // One that nobody is given while it is away.
    InetSocketAddress at = seed(Ports.free());
    LoopSwarmEngine leech = leech(at);
    Future<byte[]> read = readAll(leech);
    for (int i = 1; i <= 2; i++) {
      long enough = i * (2L << 20);
      await().atMost(Duration.ofMinutes(1)).until(() -> leech.downloaded() > enough);
      seeds.get(i - 1).kill();
      await().until(() -> leech.status().get(0).peers().isEmpty());
      assertThat(read).isNotDone();
      assertThat(seed(at.getPort())).isEqualTo(at);
    }
    assertThat(read.get(2, TimeUnit.MINUTES)).isEqualTo(CONTENT);
    // No block twice: what had come is kept, of unfinished pieces too.
    assertThat(leech.downloaded()).isEqualTo(CONTENT.length);
  }
}
