package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An engine whose store has room for a part of what is read. */
class SmallStoreTest {
  private static final long QUOTA = 6 << 20;
  private static final int READERS = 4;
  private static final int READS = 60;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readersAtRandomGetTheRightBytesAndTheQuotaHolds(boolean mapped) throws Exception {
    byte[] content = content(61, 24 << 20);
    Metainfo metainfo = metainfo(content);
    ExecutorService clients = Executors.newFixedThreadPool(READERS);
    try (ExtentStore store = ExtentStore.open(dir, QUOTA, mapped, new BtMetainfoCodec());
        SwarmTestKit swarm = new SwarmTestKit()) {
      LoopSwarmEngine seed = swarm.engine();
      seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
      LoopSwarmEngine leech = swarm.engine(seed.address());
      leech.add(metainfo.infoHash(), () -> open(store, metainfo));
      List<Callable<Void>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        Random random = new Random(i);
        readers.add(
            () -> {
              readAtRandom(leech, metainfo, content, random, store);
              return null;
            });
      }
      for (Future<Void> reader : clients.invokeAll(readers, 2, TimeUnit.MINUTES)) {
        reader.get();
      }
      assertThat(leech.downloaded()).as("bytes that came").isGreaterThan(2 * QUOTA);
    } finally {
      clients.shutdownNow();
    }
    try (ExtentStore store = ExtentStore.open(dir, QUOTA, mapped, new BtMetainfoCodec())) {
      assertThat(store.used()).isBetween(1L, QUOTA);
    }
  }

  private static PieceStore open(ExtentStore store, Metainfo metainfo) {
    try {
      return store.open(metainfo);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void readAtRandom(
      LoopSwarmEngine leech, Metainfo metainfo, byte[] content, Random random, ExtentStore store)
      throws Exception {
    for (int i = 0; i < READS; i++) {
      int from = random.nextInt(content.length);
      int to = Math.min(content.length, from + 1 + random.nextInt(3 * PIECE));
      try (ContentReader reader = leech.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
        ByteSpan span = new ByteSpan(from, to);
        reader.expect(span);
        assertThat(read(reader, span)).isEqualTo(Arrays.copyOfRange(content, from, to));
      }
      assertThat(store.used()).isLessThanOrEqualTo(QUOTA);
    }
  }
}
