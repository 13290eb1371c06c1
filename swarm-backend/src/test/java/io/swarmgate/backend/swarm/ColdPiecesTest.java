package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.read;
import static io.swarmgate.backend.swarm.SwarmTestKit.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pieces that are here, but not in memory. */
class ColdPiecesTest {
  private static final byte[] CONTENT = content(1, 20 * PIECE + 99);
  private static final Metainfo METAINFO = metainfo(CONTENT);

  private final SwarmTestKit swarm = new SwarmTestKit();
  private final MemoryStore store = MemoryStore.full(METAINFO, CONTENT);

  @AfterEach
  void stop() {
    swarm.close();
  }

  /** A disk that lets nothing stay in memory, and reads when it is told to. */
  private static final class SlowDisk implements MemoryStore.Disk {
    final CountDownLatch spinning = new CountDownLatch(1);
    final AtomicInteger loads = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final Queue<String> threads = new ConcurrentLinkedQueue<>();
    private final LongPredicate cold;
    private final boolean mapped;

    SlowDisk(LongPredicate cold) {
      this(cold, true);
    }

    SlowDisk(LongPredicate cold, boolean mapped) {
      this.cold = cold;
      this.mapped = mapped;
    }

    @Override
    public boolean isResident(long position) {
      return !cold.test(position);
    }

    /** What isn't mapped is waited for, unless it is in memory by now. */
    @Override
    public void read(long position) {
      if (!mapped && spinning.getCount() > 0) {
        load(position);
      }
    }

    @Override
    public void load(long position) {
      threads.add(Thread.currentThread().getName());
      loads.incrementAndGet();
      try {
        if (!spinning.await(30, TimeUnit.SECONDS)) {
          throw new IllegalStateException("the test lets it wait for ever");
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void closed(long position) {
      closed.incrementAndGet();
    }

    SlowDisk spin() {
      spinning.countDown();
      return this;
    }
  }

  private ContentReader reader() throws IOException {
    LoopSwarmEngine alone = swarm.engine();
    alone.add(METAINFO.infoHash(), () -> store);
    return alone.join(METAINFO.infoHash()).reader(ReadPolicy.PEERS_ONLY);
  }

  @Test
  void aReaderWaitsForADiskAndIsGivenWhatWasReadOnce() throws Exception {
    SlowDisk disk = new SlowDisk(at -> true);
    store.disk = disk;
    try (ContentReader reader = reader()) {
      assertThat(reader.poll(5, 10)).isNull();
      CountDownLatch woken = new CountDownLatch(1);
      reader.onReady(woken::countDown);
      await().until(() -> disk.loads.get() == 1);
      assertThat(reader.poll(5, 10)).isNull();
      assertThat(woken.getCount()).isEqualTo(1);

      disk.spin();
      assertThat(woken.await(30, TimeUnit.SECONDS)).isTrue();
      try (Slice slice = reader.poll(5, 4 * PIECE)) {
        assertThat(Objects.requireNonNull(slice).buffer().remaining()).isEqualTo(10);
      }
      assertThat(disk.loads).hasValue(1);
    }
  }

  @Test
  void noWakeIsLostHoweverOftenAReaderWaits() throws Exception {
    SlowDisk disk = new SlowDisk(at -> true).spin();
    store.disk = disk;
    try (ContentReader reader = reader()) {
      for (int i = 0; i < 200; i++) {
        assertThat(read(reader, new ByteSpan(0, CONTENT.length))).isEqualTo(CONTENT);
      }
    }
    // Each slice of 21 is read once a turn, and neither polled nor read in circles.
    assertThat(disk.loads).hasValue(200 * METAINFO.layout().pieceCount());
    assertThat(disk.threads).allMatch(name -> name.startsWith("swarmgate-prefault"));
  }

  @Test
  void whatIsInMemoryIsGivenWhileAnotherPlaceIsRead() throws Exception {
    SlowDisk disk = new SlowDisk(at -> at < PIECE);
    store.disk = disk;
    try (ContentReader reader = reader()) {
      assertThat(reader.poll(0, 10)).isNull();
      try (Slice slice = reader.poll(3 * PIECE, 10)) {
        assertThat(slice).isNotNull();
      }
      disk.spin();
    }
  }

  @Test
  void aReaderThatIsClosedMeanwhileGivesItsSliceBack() throws Exception {
    SlowDisk disk = new SlowDisk(at -> true);
    store.disk = disk;
    ContentReader reader = reader();
    assertThat(reader.poll(0, 10)).isNull();
    reader.close();
    disk.spin();
    await().until(() -> disk.closed.get() == 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPieceThatWaitsForTheDiskKeepsNoOtherPeerWaiting(boolean mapped) throws Exception {
    byte[] other = content(2, 20 * PIECE);
    Metainfo otherMetainfo = metainfo(other);
    SlowDisk disk = new SlowDisk(at -> true, mapped);
    store.disk = disk;
    LoopSwarmEngine seed = swarm.engine();
    seed.add(METAINFO.infoHash(), () -> store);
    seed.add(otherMetainfo.infoHash(), () -> MemoryStore.full(otherMetainfo, other));
    LoopSwarmEngine cold = swarm.engine(seed.address());
    cold.add(METAINFO.infoHash(), () -> new MemoryStore(METAINFO));
    LoopSwarmEngine warm = swarm.engine(seed.address());
    warm.add(otherMetainfo.infoHash(), () -> new MemoryStore(otherMetainfo));

    CompletableFuture<byte[]> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return readAll(cold, METAINFO);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    await().until(() -> disk.loads.get() > 0);
    assertThat(readAll(warm, otherMetainfo)).isEqualTo(other);
    assertThat(waiting).isNotDone();

    disk.spin();
    assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    assertThat(List.copyOf(disk.threads)).allMatch(name -> name.startsWith("swarmgate-prefault"));
  }
}
