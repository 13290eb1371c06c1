package io.swarmgate.backend.store;

import static io.swarmgate.backend.store.TestTorrent.PIECE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtentStoreQuotaTest {
  private static final int EXTENT = TestStores.EXTENT;
  private static final long QUOTA = 8L * EXTENT;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void churnStaysUnderTheQuotaAndEvictionsAreTold(boolean mapped) throws IOException {
    TestTorrent torrent = TestTorrent.of(1, 24 * EXTENT);
    BitSet here = new BitSet();
    try (ExtentStore store = TestStores.open(dir, QUOTA, mapped)) {
      PieceStore pieces = store.open(torrent.metainfo());
      pieces.onEvicted(here::andNot);
      for (int i = 0; i < torrent.pieces(); i++) {
        pieces.write(i, torrent.piece(i));
        here.set(i);
        long start = (long) i * PIECE;
        assertThat(TestTorrent.read(pieces, start, start + PIECE))
            .isEqualTo(torrent.bytes(start, start + PIECE));
        assertThat(store.used()).isBetween(1L, QUOTA);
        assertThat(TestStores.onDisk(dir)).isLessThanOrEqualTo(QUOTA);
      }
      assertThat(pieces.pieces()).isEqualTo(here);
      assertThat(here.cardinality()).isBetween(1, (int) (QUOTA / PIECE));
    }
  }

  @Test
  void churnNeedsNoGarbageCollection() throws Exception {
    Process child =
        ChildJvm.start(
            List.of("-XX:+DisableExplicitGC", "-Xmx256m", "-Xmn200m"), Churn.class, dir.toString());
    assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(child.exitValue()).isZero();
  }

  /** Writes and reads far more than the quota; fails if there is ever no room. */
  static final class Churn {
    private Churn() {}

    public static void main(String[] args) throws IOException {
      TestTorrent torrent = TestTorrent.of(1, 100 * EXTENT);
      try (ExtentStore store = TestStores.open(Path.of(args[0]), QUOTA, true)) {
        PieceStore pieces = store.open(torrent.metainfo());
        for (int i = 0; i < torrent.pieces(); i++) {
          pieces.write(i, torrent.piece(i));
          TestTorrent.read(pieces, (long) i * PIECE, (i + 1L) * PIECE);
        }
      }
    }
  }

  @Test
  void aClosedSliceOfADeletedExtentIsGoneAtOnceWhereJavaCanUnmap() throws IOException {
    TestTorrent torrent = TestTorrent.of(1, EXTENT);
    try (ExtentStore store = TestStores.open(dir, QUOTA, true)) {
      PieceStore pieces = store.open(torrent.metainfo());
      torrent.writeAll(pieces);
      try (Slice held = pieces.slice(0, PIECE)) {
        store.delete(torrent.metainfo().infoHash());
        assertThat(store.used()).isEqualTo(EXTENT);
        assertThat(TestTorrent.bytes(held)).isEqualTo(torrent.bytes(0, PIECE));
      }
      assertThat(store.used()).isLessThanOrEqualTo(Mapper.get().isPrompt() ? 0 : EXTENT);
    }
  }

  @Test
  void whatIsInFlightIsNotEvicted() throws IOException {
    TestTorrent torrent = TestTorrent.of(1, 12 * EXTENT);
    try (ExtentStore store = TestStores.open(dir, QUOTA, true)) {
      PieceStore pieces = store.open(torrent.metainfo());
      pieces.write(0, torrent.piece(0));
      try (Slice held = pieces.slice(0, PIECE)) {
        for (int i = 1; i < torrent.pieces(); i++) {
          pieces.write(i, torrent.piece(i));
        }
        assertThat(pieces.has(0)).isTrue();
        assertThat(TestTorrent.bytes(held)).isEqualTo(torrent.bytes(0, PIECE));
      }
    }
  }

  @Test
  void aFullStoreRefusesClearlyAndRecovers() throws IOException {
    TestTorrent torrent = TestTorrent.of(1, 4 * EXTENT);
    try (ExtentStore store = TestStores.open(dir, EXTENT, false)) {
      PieceStore pieces = store.open(torrent.metainfo());
      for (int i = 0; i < 4; i++) {
        pieces.write(i, torrent.piece(i));
      }
      Slice held = pieces.slice(0, 1);
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> pieces.write(4, torrent.piece(4)))
          .isInstanceOf(StoreFullException.class)
          .hasMessageContaining("of " + EXTENT);
      assertThat(pieces.has(4)).isFalse();
      assertThat(pieces.slice(4L * PIECE, 1)).isNull();
      assertThat(TestTorrent.read(pieces, 0, EXTENT)).isEqualTo(torrent.bytes(0, EXTENT));
      if (held != null) {
        held.close();
      }
      pieces.write(4, torrent.piece(4));
      assertThat(pieces.has(4)).isTrue();
      assertThat(pieces.has(0)).isFalse();
    }
  }

  @Test
  void aPieceLargerThanTheQuotaIsRefusedWithoutEvictingAnything() throws IOException {
    TestTorrent small = TestTorrent.of(1, 100);
    TestTorrent large = TestTorrent.of(2, PIECE);
    try (ExtentStore store = TestStores.open(dir, 1000, true)) {
      PieceStore kept = store.open(small.metainfo());
      small.writeAll(kept);
      PieceStore pieces = store.open(large.metainfo());
      assertThatThrownBy(() -> pieces.write(0, large.piece(0)))
          .isInstanceOf(StoreFullException.class);
      assertThat(kept.has(0)).isTrue();
    }
  }

  @Test
  void anEvictedExtentCountsUntilItIsUnmapped() throws IOException {
    TestTorrent torrent = TestTorrent.of(1, EXTENT);
    try (ExtentStore store = TestStores.open(dir, QUOTA, true)) {
      PieceStore pieces = store.open(torrent.metainfo());
      torrent.writeAll(pieces);
      deleteUnderASlice(store, pieces, torrent);
      await()
          .untilAsserted(
              () -> {
                System.gc();
                assertThat(store.used()).isZero();
                assertThat(store.lingering()).isZero();
              });
    }
  }

  /** On its own, so that no dead variable of the caller's frame keeps the slice reachable. */
  private static void deleteUnderASlice(ExtentStore store, PieceStore pieces, TestTorrent torrent)
      throws IOException {
    try (Slice held = pieces.slice(0, PIECE)) {
      store.delete(torrent.metainfo().infoHash());
      System.gc();
      assertThat(store.lingering()).isEqualTo(EXTENT);
      assertThat(store.used()).isEqualTo(EXTENT);
      assertThat(TestTorrent.bytes(held)).isEqualTo(torrent.bytes(0, PIECE));
    }
  }

  @Test
  void whatNobodyHasOpenIsEvictedFirstIfItIsColdest() throws IOException {
    TestTorrent old = TestTorrent.of(1, 4 * EXTENT);
    try (ExtentStore store = TestStores.open(dir, QUOTA, true)) {
      old.writeAll(store.open(old.metainfo()));
    }
    TestTorrent next = TestTorrent.of(2, 6 * EXTENT);
    try (ExtentStore store = TestStores.open(dir, QUOTA, true)) {
      PieceStore pieces = store.open(next.metainfo());
      next.writeAll(pieces);
      assertThat(pieces.pieces().cardinality()).isEqualTo(next.pieces());
      assertThat(store.open(old.metainfo()).pieces().cardinality()).isLessThan(old.pieces());
      assertThat(store.used()).isLessThanOrEqualTo(QUOTA);
    }
  }

  @Test
  void aLoweredQuotaHoldsFromTheStart() throws IOException {
    TestTorrent torrent = TestTorrent.of(1, 6 * EXTENT);
    try (ExtentStore store = TestStores.open(dir, QUOTA, true)) {
      torrent.writeAll(store.open(torrent.metainfo()));
    }
    try (ExtentStore store = TestStores.open(dir, 2L * EXTENT, true)) {
      assertThat(store.used()).isLessThanOrEqualTo(2L * EXTENT);
      assertThat(store.open(torrent.metainfo()).pieces().cardinality()).isEqualTo(8);
    }
  }

  @Test
  void whatIsReadAgainAndAgainOutlivesWhatPassesThrough() throws IOException {
    TestTorrent hot = TestTorrent.of(1, EXTENT);
    TestTorrent passing = TestTorrent.of(2, 40 * EXTENT);
    AtomicLong now = new AtomicLong();
    StoreOptions options = new StoreOptions(QUOTA, EXTENT, false, 0, now::get);
    try (ExtentStore store = ExtentStore.open(dir, options, new TestTorrent.Codec())) {
      PieceStore wanted = store.open(hot.metainfo());
      hot.writeAll(wanted);
      PieceStore pieces = store.open(passing.metainfo());
      for (int i = 0; i < passing.pieces(); i++) {
        now.addAndGet(20_000_000_000L);
        TestTorrent.read(wanted, 0, 1);
        pieces.write(i, passing.piece(i));
      }
      assertThat(wanted.has(0)).isTrue();
    }
  }

  @Test
  void aWrittenPieceWaitsForItsReaderUntilTheGraceIsOver() throws IOException {
    TestTorrent torrent = TestTorrent.of(1, 2 * EXTENT);
    AtomicLong now = new AtomicLong();
    StoreOptions options = new StoreOptions(EXTENT, EXTENT, false, 1000, now::get);
    try (ExtentStore store = ExtentStore.open(dir, options, new TestTorrent.Codec())) {
      PieceStore pieces = store.open(torrent.metainfo());
      for (int i = 0; i < 4; i++) {
        pieces.write(i, torrent.piece(i));
      }
      assertThatThrownBy(() -> pieces.write(4, torrent.piece(4)))
          .isInstanceOf(StoreFullException.class);
      now.set(1000);
      pieces.write(4, torrent.piece(4));
      assertThat(pieces.has(4)).isTrue();
    }
  }
}
