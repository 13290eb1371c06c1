package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A torrent's demand, without peers. */
class TorrentTest {
  private EventLoop loop;
  private Torrent torrent;

  @BeforeEach
  void start() throws Exception {
    loop = new EventLoop("test-loop");
    loop.start();
    Metainfo metainfo = SwarmTestKit.metainfo(new byte[100 * PIECE]);
    torrent =
        new Torrent(
            loop,
            new MemoryStore(metainfo),
            new QuietHost(),
            new PieceBuffers(1 << 20),
            Runnable::run,
            Runnable::run,
            PeerId.random());
  }

  @AfterEach
  void stop() {
    loop.close();
  }

  @Test
  void aReaderThatBeginsWhileAPlanIsDueIsNotForgotten() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    loop.execute(() -> await(busy));
    try (ContentReader first = torrent.reader(ReadPolicy.PEERS_ONLY)) {
      assertThat(first.poll(0, 1)).isNull();
      try (ContentReader second = torrent.reader(ReadPolicy.PEERS_ONLY)) {
        second.expect(new ByteSpan(90L * PIECE, 91L * PIECE));
        assertThat(second.poll(90L * PIECE, 1)).isNull();
        busy.countDown();
        assertThat(isWanted(90)).isTrue();
        assertThat(isWanted(0)).isTrue();
        assertThat(isWanted(80)).isFalse();
      }
    }
  }

  @Test
  void theFallbackIsAskedAgainWhileAReaderWaitsAndToldOnceThePieceIsHere() throws Exception {
    List<Integer> asked = new CopyOnWriteArrayList<>();
    List<Integer> arrived = new CopyOnWriteArrayList<>();
    ReadPolicy.PieceFallback fallback =
        new ReadPolicy.PieceFallback() {
          @Override
          public void fetch(int piece) {
            asked.add(piece);
          }

          @Override
          public void arrived(int piece) {
            arrived.add(piece);
          }
        };
    ReadPolicy policy = new ReadPolicy(Duration.ofMillis(20), Duration.ofMinutes(1), fallback);
    try (ContentReader reader = torrent.reader(policy)) {
      long position = 7L * PIECE;
      assertThat(reader.poll(position, 1)).isNull();
      CountDownLatch ready = new CountDownLatch(1);
      reader.onReady(ready::countDown);
      Awaitility.await().until(() -> asked.size() >= 3);
      assertThat(arrived).isEmpty();

      torrent.offer(7, ByteBuffer.allocate(PIECE));

      await(ready);
      assertThat(asked).containsOnly(7);
      assertThat(arrived).containsExactly(7);
      assertThat(reader.poll(position, 1)).isNotNull();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isWanted(int piece) throws Exception {
    CompletableFuture<Boolean> wanted = new CompletableFuture<>();
    loop.execute(
        () -> wanted.complete(torrent.picker().interestedIn(new PiecePickerTest.Peer(piece))));
    return wanted.get(30, TimeUnit.SECONDS);
  }
}
