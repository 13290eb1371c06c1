package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopSwarmEngineTest {
  private final SwarmTestKit swarm = new SwarmTestKit();

  @AfterEach
  void stop() {
    swarm.close();
  }

  @Test
  void aReaderGetsTheSeedsBytes() throws Exception {
    byte[] content = content(1, 10 * PIECE + 4321);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine seed = swarm.engine();
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    LoopSwarmEngine leech = swarm.engine(seed.address());
    MemoryStore store = new MemoryStore(metainfo);
    leech.add(metainfo.infoHash(), () -> store);

    ContentReader reader = leech.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY);
    assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
    reader.close();
    assertThat(leech.downloaded()).isEqualTo(content.length);
    assertThat(store.writes).isEqualTo(metainfo.layout().pieceCount());
    await().until(() -> seed.uploaded() >= content.length);
  }

  @Test
  void aSeekFetchesNothingBeforeItsPiece() throws Exception {
    byte[] content = content(2, 64 * PIECE);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine seed = swarm.engine();
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    LoopSwarmEngine leech = swarm.engine(seed.address());
    MemoryStore store = new MemoryStore(metainfo);
    leech.add(metainfo.infoHash(), () -> store);

    try (ContentReader reader = leech.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
      ByteSpan span = new ByteSpan(40L * PIECE + 5, 41L * PIECE + 7);
      reader.expect(span);
      assertThat(read(reader, span))
          .isEqualTo(Arrays.copyOfRange(content, (int) span.start(), (int) span.end()));
    }
    assertThat(store.pieces().stream().boxed()).containsExactly(40, 41);
  }

  @Test
  void aPeerThatSendsWrongBytesIsFoundOutAndNothingOfItIsStored() throws Exception {
    byte[] content = content(3, 8 * PIECE);
    Metainfo metainfo = metainfo(content);
    byte[] wrong = content.clone();
    wrong[3 * PIECE + 17] ^= 1;
    LoopSwarmEngine liar = swarm.engine();
    liar.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, wrong));
    LoopSwarmEngine leech = swarm.engine(liar.address());
    MemoryStore store = new MemoryStore(metainfo);
    leech.add(metainfo.infoHash(), () -> store);

    ReadPolicy impatient = new ReadPolicy(Duration.ZERO, Duration.ofSeconds(1), piece -> {});
    try (ContentReader reader = leech.join(metainfo.infoHash()).reader(impatient)) {
      assertThatThrownBy(() -> read(reader, new ByteSpan(0, content.length)))
          .isInstanceOf(IOException.class);
    }
    assertThat(store.has(3)).isFalse();
  }

  @Test
  void aStalledReaderAsksItsFallbackOnceForThePiece() throws Exception {
    byte[] content = content(4, 4 * PIECE);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine alone = swarm.engine();
    alone.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    Swarm joined = alone.join(metainfo.infoHash());
    AtomicInteger asked = new AtomicInteger();
    ReadPolicy policy =
        new ReadPolicy(
            // It would be asked again if what it brings took as long to be checked.
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            piece -> {
              asked.incrementAndGet();
              PieceLayout layout = metainfo.layout();
              joined.offer(
                  piece,
                  java.nio.ByteBuffer.wrap(
                      content, (int) layout.start(piece), layout.length(piece)));
            });
    try (ContentReader reader = joined.reader(policy)) {
      assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
    }
    assertThat(asked).hasValue(4);
  }

  @Test
  void aReaderOfADeadSwarmFailsAsStalledBeforeItsFirstByte() throws Exception {
    byte[] content = content(6, 4 * PIECE);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine alone = swarm.engine();
    alone.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    ReadPolicy soon = new ReadPolicy(Duration.ZERO, Duration.ofMillis(200), piece -> {});
    try (ContentReader reader = alone.join(metainfo.infoHash()).reader(soon)) {
      assertThatThrownBy(() -> read(reader, new ByteSpan(PIECE, content.length)))
          .isInstanceOf(StalledException.class);
    }
  }

  @Test
  void aReaderThatNeedsNothingIsNotCountedAndOneThatReadsOnIsUntilItIsClosed() throws Exception {
    byte[] content = content(7, 4 * PIECE);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine seed = swarm.engine();
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    Swarm torrent = seed.join(metainfo.infoHash());

    try (ContentReader small = torrent.reader(ReadPolicy.PEERS_ONLY)) {
      ByteSpan span = new ByteSpan(PIECE + 1, PIECE + 11);
      small.expect(span);
      assertThat(read(small, span)).isEqualTo(Arrays.copyOfRange(content, PIECE + 1, PIECE + 11));
      assertThat(readers(seed)).isZero();
    }
    try (ContentReader further = torrent.reader(ReadPolicy.PEERS_ONLY)) {
      read(further, new ByteSpan(0, 10));
      assertThat(readers(seed)).isEqualTo(1);
    }
    assertThat(readers(seed)).isZero();
  }

  @Test
  void aReaderClosedWhileItPollsLeavesNoDemandBehind() throws Exception {
    byte[] content = content(8, 4 * PIECE);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine alone = swarm.engine();
    alone.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    Swarm torrent = alone.join(metainfo.infoHash());
    for (int i = 0; i < 500; i++) {
      ContentReader reader = torrent.reader(ReadPolicy.PEERS_ONLY);
      Thread closing = new Thread(reader::close);
      closing.start();
      try {
        assertThat(reader.poll(0, 10)).isNull();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("closed");
      }
      closing.join();
    }
    assertThat(readers(alone)).isZero();
  }

  @Test
  void onlyATorrentThatIsAwakeIsJoinedAtOnce() throws Exception {
    Metainfo metainfo = metainfo(content(9, PIECE));
    LoopSwarmEngine alone = swarm.engine();
    assertThat(alone.joinAwake(metainfo.infoHash())).isNull();
    alone.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    assertThat(alone.joinAwake(metainfo.infoHash())).isNull();
    Swarm joined = alone.join(metainfo.infoHash());
    assertThat(alone.joinAwake(metainfo.infoHash())).isSameAs(joined);
    alone.remove(metainfo.infoHash());
    assertThat(alone.joinAwake(metainfo.infoHash())).isNull();
  }

  /** Asked of the loop, behind whatever readers have told it. */
  private static int readers(LoopSwarmEngine engine) {
    return engine.status().stream().mapToInt(SwarmStatus::readers).sum();
  }

  @Test
  void aReaderFailsWhenItsTorrentIsRemoved() throws Exception {
    byte[] content = content(5, 4 * PIECE);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine alone = swarm.engine();
    alone.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    try (ContentReader reader = alone.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
      assertThat(reader.poll(0, 10)).isNull();
      CountDownLatch woken = new CountDownLatch(1);
      reader.onReady(woken::countDown);
      alone.remove(metainfo.infoHash());
      assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
      assertThatThrownBy(() -> reader.poll(0, 10)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aPeerThatTalksNonsenseIsDisconnected() throws Exception {
    // Where encryption is spoken, any bytes may be the beginning of a key.
    LoopSwarmEngine engine = swarm.engine(config -> config.withEncryption(Encryption.OFF));
    try (Socket socket = new Socket()) {
      socket.connect(engine.address());
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: nonsense\r\n\r\n".getBytes("US-ASCII"));
      socket.setSoTimeout(10_000);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aBusyPortStopsTheStartWithItsAddress() throws Exception {
    LoopSwarmEngine first = swarm.engine();
    try (LoopSwarmEngine second = new LoopSwarmEngine(EngineConfig.listeningAt(first.address()))) {
      assertThatThrownBy(second::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(first.address().getPort()));
    }
  }
}
