package io.swarmgate.backend.store;

import static io.swarmgate.backend.store.TestTorrent.PIECE;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtentStoreConcurrencyTest {
  private static final int EXTENT = TestStores.EXTENT;
  private static final long QUOTA = 16L * EXTENT;
  private static final int ROUNDS = 1000;
  private static final int FINDS = 1000;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void writersAndReadersUnderEvictionSeeOnlyRightBytes(boolean mapped) throws Exception {
    TestTorrent one = TestTorrent.of(1, 24 * EXTENT + 5);
    TestTorrent two = TestTorrent.of(2, 24 * EXTENT + 6);
    AtomicInteger reads = new AtomicInteger();
    try (ExtentStore store = TestStores.open(dir, QUOTA, mapped)) {
      List<Job> jobs = new ArrayList<>();
      for (TestTorrent torrent : List.of(one, two)) {
        PieceStore pieces = store.open(torrent.metainfo());
        jobs.add(random -> write(torrent, pieces, random, store));
        jobs.add(random -> write(torrent, pieces, random, store));
        jobs.add(random -> reads.addAndGet(read(torrent, pieces, random)));
        jobs.add(random -> reads.addAndGet(read(torrent, pieces, random)));
      }
      run(jobs);
      assertThat(reads).hasPositiveValue();
      assertThat(store.used()).isLessThanOrEqualTo(QUOTA);
    }
    try (ExtentStore store = TestStores.open(dir, QUOTA, mapped)) {
      for (TestTorrent torrent : List.of(one, two)) {
        PieceStore pieces = store.open(torrent.metainfo());
        for (int i : pieces.pieces().stream().toArray()) {
          long start = (long) i * PIECE;
          long end = torrent.metainfo().layout().span(i).end();
          assertThat(TestTorrent.read(pieces, start, end)).isEqualTo(torrent.bytes(start, end));
        }
      }
    }
  }

  @Test
  void deletionAndReopeningAmongWritersNeverMixesBytes() throws Exception {
    TestTorrent torrent = TestTorrent.of(1, 4 * EXTENT);
    try (ExtentStore store = TestStores.open(dir, QUOTA, true)) {
      Job writer =
          random -> {
            try (PieceStore pieces = store.open(torrent.metainfo())) {
              for (int i = 0; i < torrent.pieces(); i++) {
                pieces.write(i, torrent.piece(i));
              }
            } catch (IOException e) {
              assertThat(e).hasMessageContaining("deleted");
            }
            try (PieceStore pieces = store.open(torrent.metainfo());
                Slice slice = pieces.slice(random.nextInt(torrent.content().length), 1)) {
              if (slice != null) {
                assertThat(slice.buffer().remaining()).isEqualTo(1);
              }
            }
          };
      Job deleter =
          random -> {
            for (int i = 0; i < 20; i++) {
              store.delete(torrent.metainfo().infoHash());
            }
          };
      run(List.of(writer, writer, deleter, writer, deleter));
    }
  }

  private static void write(
      TestTorrent torrent, PieceStore pieces, Random random, ExtentStore store) throws IOException {
    for (int i = 0; i < ROUNDS; i++) {
      int piece = random.nextInt(torrent.pieces());
      try {
        pieces.write(piece, torrent.piece(piece));
      } catch (StoreFullException e) {
        // Allowed while everything is mapped; what was written before must stay right.
        assertThat(e).hasMessageContaining("quota");
      }
      assertThat(store.used()).isLessThanOrEqualTo(QUOTA);
    }
  }

  private static int read(TestTorrent torrent, PieceStore pieces, Random random)
      throws IOException {
    int found = 0;
    while (found < FINDS) {
      long at = random.nextInt(torrent.content().length);
      try (Slice slice = pieces.slice(at, 1 + random.nextInt(2 * PIECE))) {
        if (slice != null) {
          byte[] bytes = TestTorrent.bytes(slice);
          assertThat(bytes).isEqualTo(torrent.bytes(at, at + bytes.length));
          found++;
        }
      }
    }
    return found;
  }

  private static void run(List<Job> jobs) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(jobs.size());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < jobs.size(); i++) {
        Job job = jobs.get(i);
        Random random = new Random(i);
        running.add(
            pool.submit(
                () -> {
                  job.run(random);
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get(2, TimeUnit.MINUTES);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @FunctionalInterface
  private interface Job {
    void run(Random random) throws Exception;
  }
}
