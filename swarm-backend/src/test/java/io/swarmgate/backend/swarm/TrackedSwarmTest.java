package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Engines that know nothing but a tracker. */
class TrackedSwarmTest {
  private static final int PIECE = 32 << 10;

  private final MemoryTracker tracker = new MemoryTracker();
  private final List<SwarmEngine> engines = new ArrayList<>();
  private final byte[] content = content();
  private final Metainfo metainfo = TestCodec.metainfo("content.bin", content, PIECE);

  @AfterEach
  void stop() {
    engines.forEach(SwarmEngine::close);
  }

  @Test
  void aReaderGetsTheBytesOfASeedThatSleptUntilTheTrackerNamedIt() throws Exception {
    LoopSwarmEngine seed = engine(address -> true);
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    await().until(() -> tracker.peers.size() == 1);
    assertThat(seed.status()).as("torrents awake").isEmpty();

    LoopSwarmEngine leech = engine(address -> true);
    leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    assertThat(read(leech)).isEqualTo(content);
    assertThat(leech.downloaded()).isEqualTo(content.length);
  }

  @Test
  void enginesThatCloseAreNoLongerNamed() throws Exception {
    LoopSwarmEngine seed = engine(address -> true);
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    await().until(() -> tracker.peers.size() == 1);
    seed.close();
    // It waits for that itself, but not for long.
    await().until(tracker.peers::isEmpty);
  }

  @Test
  void aTorrentThatIsRemovedIsNoLongerNamed() throws Exception {
    LoopSwarmEngine seed = engine(address -> true);
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    await().until(() -> tracker.peers.size() == 1);
    seed.remove(metainfo.infoHash());
    await().until(tracker.peers::isEmpty);
  }

  @Test
  void aTrackerThatNeverAnswersHoldsUpNoReaderAndNoClosing() throws Exception {
    LoopSwarmEngine seed = engine(address -> true);
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    EngineConfig config =
        EngineConfig.listeningAt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .withPeers(() -> List.of(address(seed)))
            .withTrackers(List.of(announce -> new CompletableFuture<>()));
    LoopSwarmEngine leech = new LoopSwarmEngine(config);
    engines.add(leech);
    leech.start();
    leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    assertThat(read(leech)).isEqualTo(content);
    long start = System.nanoTime();
    leech.close();
    // It takes two seconds, and two minutes if the tracker were waited for.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
  }

  @Test
  void peersThatAreNotAllowedAreNotDialled() throws Exception {
    LoopSwarmEngine seed = engine(address -> true);
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    await().until(() -> tracker.peers.size() == 1);

    LoopSwarmEngine leech = engine(address -> false);
    leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    try (ContentReader reader = leech.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
      assertThat(reader.poll(0, 1)).isNull();
      reader.onReady(() -> {});
      await().until(() -> tracker.peers.size() == 2 && tracker.named > 0);
      assertThat(leech.status()).allSatisfy(swarm -> assertThat(swarm.peers()).isEmpty());
      assertThat(seed.status()).as("torrents awake").isEmpty();
    }
  }

  private byte[] read(LoopSwarmEngine engine) throws IOException {
    try (ContentReader reader = engine.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
      return Reading.all(reader, content.length);
    }
  }

  private LoopSwarmEngine engine(Predicate<InetAddress> allow) throws IOException {
    LoopSwarmEngine engine =
        new LoopSwarmEngine(
            EngineConfig.listeningAt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withAllow(allow)
                .withTrackers(List.of(tracker)));
    engines.add(engine);
    engine.start();
    return engine;
  }

  private static InetSocketAddress address(LoopSwarmEngine engine) {
    try {
      return engine.address();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] content() {
    byte[] content = new byte[20 * PIECE + 77];
    new Random(1).nextBytes(content);
    return content;
  }

  private static final class MemoryTracker implements Tracker {
    private final Map<PeerId, InetSocketAddress> peers = new ConcurrentHashMap<>();
    private volatile int named;

    @Override
    public CompletionStage<Announced> announce(Announce announce) {
      return CompletableFuture.supplyAsync(() -> answer(announce));
    }

    private synchronized Announced answer(Announce announce) {
      if (announce.event() == Announce.Event.STOPPED) {
        peers.remove(announce.peerId());
      } else {
        peers.put(
            announce.peerId(),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), announce.port()));
      }
      List<InetSocketAddress> answer = peers.values().stream().limit(announce.want()).toList();
      named += answer.size();
      return new Announced(answer, Duration.ofMinutes(30), Duration.ofMinutes(15));
    }
  }
}
