package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several nodes of one swarm at once. */
class CooperationTest {
  private final SwarmTestKit swarm = new SwarmTestKit();

  @AfterEach
  void stop() {
    swarm.close();
  }

  @Test
  void edgesThatStartTogetherTakeAboutOneCopyFromThePublisher() throws Exception {
    byte[] content = content(1, 200 * PIECE);
    long most = content.length * 3L / 2;
    long uploaded = uploadedToFive(content);
    // A pause of the machine's makes peers look silent, to which the publisher is preferred: but
    // there is none each time.
    for (int i = 0; i < 2 && uploaded > most; i++) {
      uploaded = uploadedToFive(content);
    }
    assertThat(uploaded).isBetween((long) content.length, most);
  }

  /** Lets five edges read everything at the same time; what their publisher sent them. */
  private long uploadedToFive(byte[] content) throws Exception {
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine publisher = swarm.engine();
    publisher.add(metainfo.infoHash(), () -> MemoryStore.original(metainfo, content));
    AtomicReference<List<InetSocketAddress>> all =
        new AtomicReference<>(List.of(publisher.address()));
    List<LoopSwarmEngine> edges = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      LoopSwarmEngine edge = swarm.engine(config -> config.withPeers(all::get));
      edge.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
      edges.add(edge);
    }
    List<InetSocketAddress> addresses = new ArrayList<>(all.get());
    for (LoopSwarmEngine edge : edges) {
      addresses.add(edge.address());
    }
    all.set(addresses);

    ExecutorService clients = Executors.newFixedThreadPool(edges.size());
    try {
      List<Callable<byte[]>> readers = new ArrayList<>();
      edges.forEach(edge -> readers.add(() -> readAll(edge, metainfo)));
      for (Future<byte[]> read : clients.invokeAll(readers)) {
        assertThat(read.get()).isEqualTo(content);
      }
    } finally {
      clients.shutdown();
    }
    // It is counted a moment after the edges may have it.
    await().until(() -> publisher.uploaded() >= content.length);
    return publisher.uploaded();
  }

  @Test
  void whoeverSentAWrongBlockIsBannedAndNobodyElse() throws Exception {
    byte[] content = content(2, 12 * PIECE);
    Metainfo metainfo = metainfo(content);
    byte[] wrong = content.clone();
    for (int i = 0; i < wrong.length; i += 1000) {
      wrong[i] ^= 1;
    }
    LoopSwarmEngine liar = swarm.engine();
    liar.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, wrong));
    LoopSwarmEngine honest = swarm.engine();
    honest.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    LoopSwarmEngine edge = swarm.engine(liar.address(), honest.address());
    edge.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));

    assertThat(readAll(edge, metainfo)).isEqualTo(content);
    String honestAddress = "127.0.0.1:" + honest.address().getPort();
    assertThat(edge.status().get(0).peers())
        .extracting(SwarmStatus.PeerStatus::address)
        .contains(honestAddress);
  }

  @Test
  void anEvictedPieceIsTakenBackWithoutAReconnection() throws Exception {
    byte[] content = content(3, 4 * PIECE);
    Metainfo metainfo = metainfo(content);
    MemoryStore first = MemoryStore.full(metainfo, content);
    LoopSwarmEngine one = swarm.engine();
    one.add(metainfo.infoHash(), () -> first);
    LoopSwarmEngine two = swarm.engine(one.address());
    two.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    try (ContentReader reader = two.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
      reader.expect(new ByteSpan(0, PIECE));
      assertThat(reader.poll(0, 1)).isNull();
      await().until(() -> piecesOfPeer(two) == 4);
      String address = two.status().get(0).peers().get(0).address();
      first.evict(3);
      await().until(() -> piecesOfPeer(two) == 3);
      assertThat(two.status().get(0).peers().get(0).address()).isEqualTo(address);
    }
  }

  private static int piecesOfPeer(LoopSwarmEngine engine) {
    return engine.status().stream()
        .flatMap(status -> status.peers().stream())
        .mapToInt(SwarmStatus.PeerStatus::pieces)
        .sum();
  }

  @Test
  void uploadsKeepToTheirLimit() throws Exception {
    byte[] content = content(4, 32 * PIECE);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine seed = swarm.engine(config -> config.withUploadLimit(1 << 20));
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    LoopSwarmEngine edge = swarm.engine(seed.address());
    edge.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    long start = System.nanoTime();
    assertThat(readAll(edge, metainfo)).isEqualTo(content);
    // 1 MiB at 1 MiB/s, less the first burst: a slow machine only makes it longer.
    assertThat(System.nanoTime() - start).isGreaterThan(700_000_000L);
  }

  @Test
  void everythingIsFetchedIfAskedFor() throws Exception {
    byte[] content = content(5, 150 * PIECE + 7);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine seed = swarm.engine();
    seed.add(metainfo.infoHash(), () -> MemoryStore.original(metainfo, content));
    LoopSwarmEngine edge = swarm.engine(seed.address());
    MemoryStore store = new MemoryStore(metainfo);
    edge.add(metainfo.infoHash(), () -> store);
    edge.join(metainfo.infoHash()).fill(true);
    await().until(() -> store.pieces().cardinality() == metainfo.layout().pieceCount());
    // The seed may have sent more: what seems late is asked for again.
    assertThat(edge.downloaded()).isEqualTo(content.length);
  }
}
