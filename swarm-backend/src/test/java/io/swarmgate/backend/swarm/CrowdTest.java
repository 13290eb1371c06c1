package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Metainfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many torrents at once, and many connections at once. */
class CrowdTest {
  /** A reader that gets no byte for a minute starves, and fails. */
  private static final ReadPolicy PATIENT =
      new ReadPolicy(Duration.ZERO, Duration.ofMinutes(1), piece -> {});

  private final SwarmTestKit swarm = new SwarmTestKit();

  @AfterEach
  void stop() {
    swarm.close();
  }

  @Test
  void threeHundredTorrentsAreServedAtOnce() throws Exception {
    LoopSwarmEngine seed = swarm.engine();
    LoopSwarmEngine leech = swarm.engine(seed.address());
    readAllAtOnce(seed, leech, 300, 3 * PIECE);
  }

  /** There is memory for 4 pieces at a time, 6 of those that readers are blocked on. */
  @Test
  void fiveHundredTorrentsShareMemoryForFourPieces() throws Exception {
    LoopSwarmEngine seed = swarm.engine();
    LoopSwarmEngine leech =
        swarm.engine(c -> c.withPeers(() -> List.of(address(seed))).withPieceMemory(4 * PIECE));
    readAllAtOnce(seed, leech, 500, 4 * PIECE);
  }

  @Test
  void torrentsWithSilentSeedsKeepNoMemoryFromTheOthers() throws Exception {
    List<ScriptedPeer> seeds = new ArrayList<>();
    List<Reading> silent = new ArrayList<>();
    LoopSwarmEngine leech =
        swarm.engine(c -> c.withEncryption(Encryption.OFF).withPieceMemory(24 * PIECE));
    for (int i = 0; i < 16; i++) {
      byte[] content = content(2000 + i, 16 * PIECE);
      Metainfo metainfo = metainfo(content);
      leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
      ReadPolicy longer = new ReadPolicy(Duration.ZERO, Duration.ofMinutes(10), piece -> {});
      silent.add(new Reading(leech.join(metainfo.infoHash()).reader(longer), content));
      ScriptedPeer seed = swarm.peer(metainfo, content, (by, block) -> {});
      seeds.add(seed);
      silent.get(i).goOn();
      seed.dial(leech.address());
    }
    // 24 pieces for the first two, and half as many again for as many blocked readers.
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> seeds.stream().filter(s -> !s.requests().isEmpty()).count() >= 14);
    byte[] content = content(74, 8 * PIECE);
    Metainfo metainfo = metainfo(content);
    leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    Reading reading = new Reading(leech.join(metainfo.infoHash()).reader(PATIENT), content);
    reading.goOn();
    swarm.peer(metainfo, content, ScriptedPeer.Connection::send).dial(leech.address());
    assertThat(reading.done.get(2, TimeUnit.MINUTES)).isEqualTo(content);
    assertThat(silent).noneMatch(waiting -> waiting.done.isDone());
  }

  private static InetSocketAddress address(LoopSwarmEngine engine) {
    try {
      return engine.address();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void readAllAtOnce(
      LoopSwarmEngine seed, LoopSwarmEngine leech, int torrents, int length) throws Exception {
    List<Reading> readings = new ArrayList<>();
    for (int i = 0; i < torrents; i++) {
      byte[] content = content(1000 + i, length + i);
      Metainfo metainfo = metainfo(content);
      seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
      leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
      ContentReader reader = leech.join(metainfo.infoHash()).reader(PATIENT);
      readings.add(new Reading(reader, content));
    }
    readings.forEach(Reading::goOn);
    for (Reading reading : readings) {
      assertThat(reading.done.get(2, TimeUnit.MINUTES)).isEqualTo(reading.content);
    }
  }

  /** Reads a torrent to its end without a thread of its own. */
  private static final class Reading {
    final byte[] content;
    final CompletableFuture<byte[]> done = new CompletableFuture<>();
    private final ContentReader reader;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Reading(ContentReader reader, byte[] content) {
      this.reader = reader;
      this.content = content;
    }

    void goOn() {
      try {
        while (out.size() < content.length) {
          Slice slice = reader.poll(out.size(), content.length);
          if (slice == null) {
            reader.onReady(this::goOn);
            return;
          }
          byte[] bytes = new byte[slice.buffer().remaining()];
          slice.buffer().get(bytes);
          slice.close();
          out.writeBytes(bytes);
        }
        reader.close();
        done.complete(out.toByteArray());
      } catch (IOException | RuntimeException e) {
        done.completeExceptionally(e);
      }
    }
  }

  /** Connects so often without a word that no more connections are taken from this address. */
  private static List<Socket> halfOpen(LoopSwarmEngine engine) throws IOException {
    List<Socket> silent = new ArrayList<>();
    while (silent.size() < Admission.MAX_PENDING_PER_ADDRESS) {
      silent.add(new Socket(engine.address().getAddress(), engine.address().getPort()));
    }
    try (Socket refused = new Socket(engine.address().getAddress(), engine.address().getPort())) {
      assertThat(isEnded(refused)).isTrue();
    }
    return silent;
  }

  private static boolean isEnded(Socket socket) {
    try {
      socket.setSoTimeout(60_000);
      return socket.getInputStream().read() < 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void halfOpenConnectionsKeepOutNobodyFromAnotherAddress() throws Exception {
    byte[] content = content(71, 10 * PIECE);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine leech = swarm.engine(c -> c.withEncryption(Encryption.OFF));
    leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    List<Socket> silent = halfOpen(leech);
    try {
      ScriptedPeer honest = swarm.peer(metainfo, content, ScriptedPeer.Connection::send);
      honest.dial(leech.address(), InetAddress.getByName("127.0.0.2"));
      assertThat(readAll(leech, metainfo)).isEqualTo(content);
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void halfOpenConnectionsAreDroppedAndThenTheirAddressIsLetInAgain() throws Exception {
    byte[] content = content(72, 10 * PIECE);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine seed = swarm.engine();
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    List<Socket> silent = halfOpen(seed);
    try {
      for (Socket socket : silent) {
        assertThat(isEnded(socket)).isTrue();
      }
      LoopSwarmEngine leech = swarm.engine(seed.address());
      leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
      assertThat(readAll(leech, metainfo)).isEqualTo(content);
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }
}
