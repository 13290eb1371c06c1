package io.swarmgate.backend.store;

import static io.swarmgate.backend.store.TestTorrent.PIECE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.testing.CapturedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The store as the file system sees it. Tagged like what needs more than Java: it mounts. */
@Tag("interop")
class ExtentStoreDiskTest {
  private static final long MIB = 1 << 20;

  /** Maps, metainfo and directories, which the quota doesn't count. */
  private static final long BESIDE = MIB / 4;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void churnUnderReadersNeverExceedsTheQuotaAsTheFileSystemSeesIt(boolean mapped) throws Exception {
    long quota = 16 * MIB;
    TestTorrent torrent = TestTorrent.of(1, (int) (96 * MIB));
    AtomicBoolean over = new AtomicBoolean();
    try (SmallFileSystem disk = SmallFileSystem.mount(dir, 4 * quota);
        ExtentStore store =
            ExtentStore.open(
                disk.path().resolve("store"),
                StoreOptions.of(quota, mapped),
                new TestTorrent.Codec())) {
      PieceStore pieces = store.open(torrent.metainfo());
      CompletableFuture<Long> one = readers(torrent, pieces, 1, over);
      CompletableFuture<Long> two = readers(torrent, pieces, 2, over);
      long most = 0;
      for (int i = 0; i < torrent.pieces(); i++) {
        try {
          pieces.write(i, torrent.piece(i));
        } catch (StoreFullException e) {
          // Only while everything else is being read or waits for its first reader.
          assertThat(e).hasMessageContaining("quota");
        }
        most = Math.max(most, disk.used());
      }
      over.set(true);
      assertThat(one.get(1, TimeUnit.MINUTES) + two.get(1, TimeUnit.MINUTES)).isPositive();
      assertThat(most).isBetween(quota / 2, quota + BESIDE);
    }
  }

  private static CompletableFuture<Long> readers(
      TestTorrent torrent, PieceStore pieces, int seed, AtomicBoolean over) {
    Random random = new Random(seed);
    return CompletableFuture.supplyAsync(
        () -> {
          long read = 0;
          while (!over.get()) {
            long at = random.nextInt(torrent.content().length);
            try (Slice slice = pieces.slice(at, PIECE)) {
              if (slice != null) {
                byte[] bytes = TestTorrent.bytes(slice);
                assertThat(bytes).isEqualTo(torrent.bytes(at, at + bytes.length));
                read += bytes.length;
              }
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }
          return read;
        });
  }

  @Test
  void aFullDiskRefusesPiecesSaysSoOnceAndRecoversByItself() throws Exception {
    TestTorrent torrent = TestTorrent.of(1, (int) (4 * MIB));
    AtomicLong now = new AtomicLong();
    StoreOptions options = new StoreOptions(1 << 30, TestStores.EXTENT, true, 0, now::get);
    try (CapturedLog log = new CapturedLog(getClass());
        SmallFileSystem disk = SmallFileSystem.mount(dir, 2 * MIB)) {
      Path other = Files.write(dir.resolve("other"), new byte[(int) MIB]);
      Path path = dir.resolve("store");
      try (ExtentStore store = ExtentStore.open(path, options, new TestTorrent.Codec())) {
        PieceStore pieces = store.open(torrent.metainfo());
        int kept = fill(torrent, pieces);
        assertThat(kept).isBetween(10, 64);
        for (int i = kept; i < torrent.pieces(); i++) {
          int piece = i;
          assertThatThrownBy(() -> pieces.write(piece, torrent.piece(piece)))
              .isInstanceOf(StoreFullException.class)
              .hasMessageContaining("disk");
          assertThat(pieces.slice((long) i * PIECE, 1)).isNull();
        }
        assertThat(pieces.pieces().cardinality()).isEqualTo(kept);
        assertThat(TestTorrent.read(pieces, 0, (long) kept * PIECE))
            .isEqualTo(torrent.bytes(0, (long) kept * PIECE));
        assertThat(names(path)).noneMatch(name -> name.endsWith(".new"));
        assertThat(extents(path)).isEqualTo((kept + 3) / 4);
        assertThat(log.warnings()).singleElement().asString().contains("the disk has no room");

        Files.delete(other);
        now.set(TimeUnit.SECONDS.toNanos(10));
        for (int i = kept; i < kept + 20; i++) {
          pieces.write(i, torrent.piece(i));
        }
        assertThat(log.warnings()).hasSize(2);
        assertThat(disk.used()).isLessThan(2 * MIB);
      }
      try (ExtentStore store = ExtentStore.open(path, options, new TestTorrent.Codec())) {
        assertThat(store.open(torrent.metainfo()).pieces().cardinality()).isGreaterThan(20);
      }
    }
  }

  private static int fill(TestTorrent torrent, PieceStore pieces) throws IOException {
    for (int i = 0; i < torrent.pieces(); i++) {
      try {
        pieces.write(i, torrent.piece(i));
      } catch (StoreFullException e) {
        return i;
      }
    }
    return torrent.pieces();
  }

  private static List<String> names(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      return files.map(Path::toString).toList();
    }
  }

  private static long extents(Path path) throws IOException {
    return names(path).stream().filter(name -> name.endsWith(".extent")).count();
  }
}
