package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.swarm.ScriptedPeer.Block;
import io.swarmgate.backend.swarm.ScriptedPeer.Connection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that do less than they promise, beside one that does it. */
class UnhelpfulPeersTest {
  private static final ScriptedPeer.Script HONEST = Connection::send;

  private final SwarmTestKit swarm = new SwarmTestKit();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  /** What slow peers are to send, one every 320 ms. */
  private final Queue<Callable<Void>> waiting = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void start() {
    timer.scheduleWithFixedDelay(this::sendOne, 0, 320, TimeUnit.MILLISECONDS);
  }

  private void sendOne() {
    Callable<Void> next = waiting.poll();
    if (next != null) {
      try {
        next.call();
      } catch (Exception e) {
        // The engine has hung up.
      }
    }
  }

  @AfterEach
  void stop() {
    swarm.close();
    timer.shutdownNow();
  }

  private LoopSwarmEngine leech(Metainfo metainfo, InetSocketAddress... peers) throws IOException {
    LoopSwarmEngine leech =
        swarm.engine(c -> c.withPeers(() -> List.of(peers)).withEncryption(Encryption.OFF));
    leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    return leech;
  }

  /** A reader that has begun to wait for the first byte. */
  private static ContentReader begin(LoopSwarmEngine leech, Metainfo metainfo) throws IOException {
    ContentReader reader = leech.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY);
    assertThat(reader.poll(0, 1)).isNull();
    return reader;
  }

  private static List<Block> blocks(Metainfo metainfo) {
    PieceLayout layout = metainfo.layout();
    List<Block> all = new ArrayList<>();
    for (int piece = 0; piece < layout.pieceCount(); piece++) {
      for (int block = 0; block < layout.blockCount(piece); block++) {
        all.add(new Block(piece, PieceLayout.blockOffset(block), layout.blockLength(piece, block)));
      }
    }
    return all;
  }

  @Test
  void aSilentPeersBlocksAreCancelledAndAskedOfAnother() throws Exception {
    byte[] content = content(21, 64 * PIECE + 100);
    Metainfo metainfo = metainfo(content);
    ScriptedPeer silent = swarm.peer(metainfo, content, (by, block) -> {});
    ScriptedPeer good = swarm.peer(metainfo, content, HONEST);
    LoopSwarmEngine leech = leech(metainfo, silent.address());
    try (ContentReader reader = begin(leech, metainfo)) {
      await().until(() -> !silent.requests().isEmpty());
      good.dial(leech.address());
      assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
    }
    assertThat(good.sent()).containsAll(blocks(metainfo));
    await().until(() -> silent.cancels().size() == silent.requests().size());
    assertThat(new HashSet<>(silent.cancels())).isEqualTo(new HashSet<>(silent.requests()));
  }

  @Test
  void whatNobodyIsBlockedOnIsNotLeftToASilentPeerEither() throws Exception {
    byte[] content = content(27, 40 * PIECE);
    Metainfo metainfo = metainfo(content);
    ScriptedPeer silent = swarm.peer(metainfo, content, (by, block) -> {});
    ScriptedPeer good = swarm.peer(metainfo, content, HONEST);
    LoopSwarmEngine leech = leech(metainfo, silent.address());
    leech.join(metainfo.infoHash()).fill(true);
    await().until(() -> !silent.requests().isEmpty());
    good.dial(leech.address());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> leech.status().get(0).verified() == metainfo.layout().pieceCount());
    assertThat(good.sent()).containsAll(blocks(metainfo));
  }

  @Test
  void aPeerThatChokesInTheMiddleOfAPieceIsReplacedAtOnce() throws Exception {
    byte[] content = content(22, 32 * PIECE);
    Metainfo metainfo = metainfo(content);
    AtomicInteger answered = new AtomicInteger();
    ScriptedPeer choking =
        swarm.peer(
            metainfo,
            content,
            (by, block) -> {
              int count = answered.incrementAndGet();
              if (count <= 3) {
                by.send(block);
              }
              if (count == 3) {
                by.choke();
              }
            });
    ScriptedPeer good = swarm.peer(metainfo, content, HONEST);
    LoopSwarmEngine leech = leech(metainfo, choking.address());
    try (ContentReader reader = begin(leech, metainfo)) {
      await().until(() -> choking.sent().size() == 3);
      good.dial(leech.address());
      assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
    }
    List<Block> rest = blocks(metainfo);
    rest.removeAll(choking.sent());
    assertThat(rest).hasSize(61);
    assertThat(good.sent()).containsExactlyInAnyOrderElementsOf(rest);
  }

  @Test
  void aPeerThatUnchokesAgainIsAskedAgain() throws Exception {
    byte[] content = content(23, 32 * PIECE);
    Metainfo metainfo = metainfo(content);
    AtomicBoolean chokes = new AtomicBoolean(true);
    AtomicBoolean told = new AtomicBoolean();
    ScriptedPeer choking =
        swarm.peer(
            metainfo,
            content,
            (by, block) -> {
              if (!chokes.get()) {
                by.send(block);
              } else if (!told.getAndSet(true)) {
                by.choke();
              }
            });
    ScriptedPeer half =
        swarm.peer(
            metainfo,
            content,
            new ScriptedPeer.Script() {
              @Override
              public void connected(Connection to) throws IOException {
                for (int piece = 0; piece < 16; piece++) {
                  to.have(piece);
                }
                to.unchoke();
              }

              @Override
              public void requested(Connection by, Block block) throws IOException {
                by.send(block);
              }
            });
    LoopSwarmEngine leech = leech(metainfo, choking.address());
    try (ContentReader reader = begin(leech, metainfo)) {
      await().until(() -> !choking.requests().isEmpty());
      half.dial(leech.address());
      assertThat(read(reader, new ByteSpan(0, 16L * PIECE)))
          .isEqualTo(Arrays.copyOf(content, 16 * PIECE));
      assertThat(reader.poll(16L * PIECE, 1)).isNull();
      chokes.set(false);
      choking.connections().get(0).unchoke();
      byte[] rest = read(reader, new ByteSpan(16L * PIECE, content.length));
      assertThat(rest).isEqualTo(Arrays.copyOfRange(content, 16 * PIECE, content.length));
    }
    List<Block> all = blocks(metainfo);
    assertThat(half.sent()).containsExactlyInAnyOrderElementsOf(all.subList(0, 32));
    assertThat(choking.sent()).containsAll(all.subList(32, 64));
  }

  @Test
  void aPeerThatFlapsIsMadeTheMostOf() throws Exception {
    byte[] content = content(24, 32 * PIECE);
    Metainfo metainfo = metainfo(content);
    AtomicInteger left = new AtomicInteger(5);
    ScriptedPeer flapping =
        swarm.peer(
            metainfo,
            content,
            (by, block) -> {
              int now = left.getAndDecrement();
              if (now > 0) {
                by.send(block);
              }
              if (now == 1) {
                by.choke();
                timer.schedule(
                    () -> {
                      left.set(5);
                      by.unchoke();
                      return null;
                    },
                    20,
                    TimeUnit.MILLISECONDS);
              }
            });
    LoopSwarmEngine leech = leech(metainfo, flapping.address());
    try (ContentReader reader = begin(leech, metainfo)) {
      assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
    }
    assertThat(flapping.connections()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAPeerThatVanishesOwesComesFromAnother(boolean reset) throws Exception {
    byte[] content = content(25, 32 * PIECE);
    Metainfo metainfo = metainfo(content);
    AtomicBoolean first = new AtomicBoolean(true);
    ScriptedPeer vanishing =
        swarm.peer(
            metainfo,
            content,
            (by, block) -> {
              if (first.getAndSet(false)) {
                by.send(block);
              }
            });
    ScriptedPeer good = swarm.peer(metainfo, content, HONEST);
    LoopSwarmEngine leech = leech(metainfo, vanishing.address());
    try (ContentReader reader = begin(leech, metainfo)) {
      await().until(() -> leech.downloaded() > 0);
      vanishing.stopListening();
      good.dial(leech.address());
      await().until(() -> leech.status().get(0).peers().size() == 2);
      Connection connection = vanishing.connections().get(0);
      if (reset) {
        connection.reset();
      } else {
        connection.hangUp();
      }
      assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
    }
    List<Block> rest = blocks(metainfo);
    assertThat(rest.remove(0)).isEqualTo(vanishing.sent().get(0));
    assertThat(good.sent()).containsExactlyInAnyOrderElementsOf(rest);
  }

  /** The slow one is a seed beside another, or an edge, which is asked before the publisher. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSlowPeerSlowsNoReader(boolean edge) throws Exception {
    byte[] content = content(26, 8 << 20);
    Metainfo metainfo = metainfo(content, 1 << 20);
    ScriptedPeer slow = swarm.peer(metainfo, content, new Slow(edge));
    LoopSwarmEngine seed = swarm.engine();
    LoopSwarmEngine leech = leech(metainfo, slow.address(), seed.address());
    try (ContentReader reader = begin(leech, metainfo)) {
      await().until(() -> !slow.requests().isEmpty());
      seed.add(
          metainfo.infoHash(),
          () ->
              edge ? MemoryStore.original(metainfo, content) : MemoryStore.full(metainfo, content));
      assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
    }
    // It would have to send all that it was asked for, if the reader waited for them.
    assertThat(slow.sent()).hasSizeLessThan(40);
    await().untilAsserted(() -> assertThat(slow.cancels()).isNotEmpty());
  }

  /** Sends 50 KB/s, in the order asked. */
  private final class Slow implements ScriptedPeer.Script {
    private final boolean edge;

    Slow(boolean edge) {
      this.edge = edge;
    }

    @Override
    public void connected(Connection to) throws IOException {
      if (edge) {
        for (int piece = 0; piece < 8; piece++) {
          to.have(piece);
        }
      } else {
        to.sayAll();
      }
      to.unchoke();
    }

    @Override
    public void requested(Connection by, Block block) {
      waiting.add(
          () -> {
            by.send(block);
            return null;
          });
    }
  }
}
