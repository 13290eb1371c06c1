package io.swarmgate.backend.store;

import static io.swarmgate.backend.store.TestTorrent.PIECE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtentStoreScrubTest {
  private static final TestTorrent TORRENT = TestTorrent.of(2, 10 * PIECE + 1);
  private static final int DAMAGED = 5;

  @TempDir Path dir;

  /** In the second extent, which holds four pieces. */
  private void flipAByte() throws IOException {
    Path file = dir.resolve(TORRENT.metainfo().infoHash().toString()).resolve("000001.extent");
    try (RandomAccessFile extent = new RandomAccessFile(file.toFile(), "rw")) {
      extent.seek(PIECE + 100);
      extent.write(~TORRENT.content()[DAMAGED * PIECE + 100]);
    }
  }

  private static Scrub.Progress scrub(ExtentStore store) throws Exception {
    return store.scrub().done().get(1, TimeUnit.MINUTES);
  }

  @Test
  void aDamagedPieceIsDroppedToldAndCanBeWrittenAgain() throws Exception {
    BitSet told = new BitSet();
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      TORRENT.writeAll(pieces);
      pieces.onEvicted(told::or);
      assertThat(scrub(store)).isEqualTo(new Scrub.Progress(11, 0, 11));
      flipAByte();
      assertThat(scrub(store)).isEqualTo(new Scrub.Progress(11, 1, 11));
      assertThat(told).isEqualTo(BitSet.valueOf(new long[] {1 << DAMAGED}));
      assertThat(pieces.has(DAMAGED)).isFalse();
      assertThat(pieces.slice((long) DAMAGED * PIECE, 1)).isNull();
      assertThat(pieces.pieces().cardinality()).isEqualTo(10);
      pieces.write(DAMAGED, TORRENT.piece(DAMAGED));
      int length = TORRENT.content().length;
      assertThat(TestTorrent.read(pieces, 0, length)).isEqualTo(TORRENT.content());
      assertThat(store.used()).isEqualTo(length);
    }
  }

  @Test
  void whatNobodyHasOpenIsScrubbedTooAndStaysDroppedAtTheNextStart() throws Exception {
    try (ExtentStore store = TestStores.open(dir)) {
      TORRENT.writeAll(store.open(TORRENT.metainfo()));
    }
    flipAByte();
    try (ExtentStore store = TestStores.open(dir)) {
      assertThat(scrub(store).damaged()).isEqualTo(1);
    }
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      assertThat(pieces.has(DAMAGED)).isFalse();
      assertThat(pieces.isUnverified(DAMAGED)).isFalse();
      assertThat(pieces.pieces().cardinality()).isEqualTo(10);
    }
  }

  @Test
  void closingTheStoreEndsIt() throws Exception {
    TestTorrent large = TestTorrent.of(1, 2000 * PIECE);
    ExtentStore store = TestStores.open(dir);
    try (store) {
      large.writeAll(store.open(large.metainfo()));
      Scrub running = store.scrub();
      assertThat(running.progress().total()).isEqualTo(2000);
      store.close();
      assertThat(running.done()).isDone();
    }
    assertThatThrownBy(store::scrub).isInstanceOf(IOException.class);
  }
}
