package io.swarmgate.backend.store;

import static io.swarmgate.backend.store.TestTorrent.PIECE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.InfoHash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtentStoreTest {
  private static final int EXTENT = TestStores.EXTENT;
  private static final TestTorrent TORRENT = TestTorrent.of(1, 2 * EXTENT + PIECE + 7);

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bytesAtEachPieceAndExtentEdgeAreWhatWasWritten(boolean mapped) throws IOException {
    try (ExtentStore store = TestStores.open(dir, 1 << 30, mapped)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      TORRENT.writeAll(pieces);
      int length = TORRENT.content().length;
      for (int edge : new int[] {1, PIECE, EXTENT, 2 * EXTENT, 2 * EXTENT + PIECE, length - 1}) {
        for (int from = edge - 1; from <= Math.min(edge + 1, length - 1); from++) {
          int to = Math.min(length, from + EXTENT + 1);
          assertThat(TestTorrent.read(pieces, from, to)).isEqualTo(TORRENT.bytes(from, to));
        }
      }
      assertThatThrownBy(() -> pieces.slice(length, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(store.used()).isEqualTo(length);
    }
  }

  @Test
  void nothingIsVisibleBeforeItIsWritten() throws IOException {
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      pieces.write(1, TORRENT.piece(1));
      assertThat(pieces.has(0)).isFalse();
      assertThat(pieces.has(1)).isTrue();
      assertThat(pieces.slice(PIECE - 1, 10)).isNull();
      assertThat(pieces.slice(2 * PIECE, 10)).isNull();
      try (Slice slice = pieces.slice(PIECE + 1, 10 * PIECE)) {
        assertThat(TestTorrent.bytes(slice)).isEqualTo(TORRENT.bytes(PIECE + 1, 2 * PIECE));
      }
    }
  }

  @Test
  void slicesCannotBeWrittenTo() throws IOException {
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      TORRENT.writeAll(pieces);
      try (Slice slice = pieces.slice(0, 10)) {
        assertThat(Objects.requireNonNull(slice).buffer().isReadOnly()).isTrue();
      }
    }
  }

  @Test
  void aPieceOfTheWrongLengthIsRefused() throws IOException {
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      assertThatThrownBy(() -> pieces.write(0, ByteBuffer.allocate(PIECE - 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected " + PIECE);
    }
  }

  @Test
  void aPieceThatIsHereIsLeftAsItIs() throws IOException {
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      pieces.write(0, TORRENT.piece(0));
      pieces.write(0, ByteBuffer.allocate(PIECE));
      assertThat(TestTorrent.read(pieces, 0, PIECE)).isEqualTo(TORRENT.bytes(0, PIECE));
      assertThat(store.used()).isEqualTo(PIECE);
    }
  }

  @Test
  void aCleanStopKeepsPiecesVerified() throws IOException {
    BitSet some = new BitSet();
    some.set(2);
    some.set(5);
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      pieces.write(2, TORRENT.piece(2));
      pieces.write(5, TORRENT.piece(5));
    }
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      assertThat(pieces.pieces()).isEqualTo(some);
      assertThat(store.used()).isEqualTo(2 * PIECE);
      assertThat(TestTorrent.read(pieces, 2 * PIECE, 3 * PIECE))
          .isEqualTo(TORRENT.bytes(2 * PIECE, 3 * PIECE));
      pieces.write(3, TORRENT.piece(3));
      pieces.close();
      assertThatThrownBy(() -> pieces.slice(0, 1)).hasMessageContaining("closed");
      assertThat(store.open(TORRENT.metainfo()).has(3)).isTrue();
    }
  }

  @Test
  void aWriteThatFailsLeavesNothingAndCanBeTriedAgain() throws IOException {
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      String infoHash = TORRENT.metainfo().infoHash().toString();
      Files.createDirectory(dir.resolve(infoHash).resolve("000000.extent"));
      assertThatThrownBy(() -> pieces.write(0, TORRENT.piece(0))).isInstanceOf(IOException.class);
      assertThat(pieces.has(0)).isFalse();
      assertThat(pieces.slice(0, 1)).isNull();
      assertThat(store.used()).isZero();
      pieces.write(0, TORRENT.piece(0));
      assertThat(TestTorrent.read(pieces, 0, PIECE)).isEqualTo(TORRENT.bytes(0, PIECE));
    }
  }

  @Test
  void anInterruptedWriteLeavesNothingAndDisturbsNoOther() throws IOException {
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      pieces.write(1, TORRENT.piece(1));
      Thread.currentThread().interrupt();
      try {
        assertThatThrownBy(() -> pieces.write(0, TORRENT.piece(0)))
            .isInstanceOf(ClosedByInterruptException.class);
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      assertThat(pieces.has(0)).isFalse();
      pieces.write(0, TORRENT.piece(0));
      assertThat(TestTorrent.read(pieces, 0, 2 * PIECE)).isEqualTo(TORRENT.bytes(0, 2 * PIECE));
    }
  }

  @Test
  void aTorrentOpenTwiceIsOneTorrent() throws IOException {
    try (ExtentStore store = TestStores.open(dir)) {
      PieceStore one = store.open(TORRENT.metainfo());
      PieceStore two = store.open(TORRENT.metainfo());
      one.write(0, TORRENT.piece(0));
      one.close();
      assertThat(two.has(0)).isTrue();
      two.write(1, TORRENT.piece(1));
      assertThat(TestTorrent.read(two, 0, 2 * PIECE)).isEqualTo(TORRENT.bytes(0, 2 * PIECE));
    }
  }

  @Test
  void metainfoAndNotesOutliveARestart() throws IOException {
    InfoHash infoHash = TORRENT.metainfo().infoHash();
    Map<String, String> notes = Map.of("path", "/a b=c/\u00e9", "etag", "\"x\"");
    try (ExtentStore store = TestStores.open(dir)) {
      assertThatThrownBy(() -> store.putNotes(infoHash, notes)).hasMessageContaining("expected");
      store.open(TORRENT.metainfo());
      assertThat(store.notes(infoHash)).isEmpty();
      store.putNotes(infoHash, Map.of("old", "gone"));
      store.putNotes(infoHash, notes);
    }
    try (ExtentStore store = TestStores.open(dir)) {
      assertThat(store.stored()).containsExactly(infoHash);
      assertThat(store.metainfo(infoHash).encoded()).isEqualTo(TORRENT.metainfo().encoded());
      assertThat(store.notes(infoHash)).isEqualTo(notes);
    }
  }

  @Test
  void aDamagedMetainfoIsNamed() throws IOException {
    InfoHash infoHash = TORRENT.metainfo().infoHash();
    try (ExtentStore store = TestStores.open(dir)) {
      store.open(TORRENT.metainfo());
      Path file = dir.resolve(infoHash.toString()).resolve("metainfo.torrent");
      Files.writeString(file, "2 5");
      assertThatThrownBy(() -> store.metainfo(infoHash))
          .hasMessageContaining(file.toString())
          .hasMessageContaining("expected " + infoHash);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void deletionTakesPiecesAndFilesButNotOpenSlices(boolean mapped) throws IOException {
    try (ExtentStore store = TestStores.open(dir, 1 << 30, mapped)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      List<BitSet> evicted = new ArrayList<>();
      pieces.onEvicted(evicted::add);
      TORRENT.writeAll(pieces);
      try (Slice slice = pieces.slice(PIECE, PIECE)) {
        store.delete(TORRENT.metainfo().infoHash());
        assertThat(TestTorrent.bytes(slice)).isEqualTo(TORRENT.bytes(PIECE, 2 * PIECE));
      }
      assertThat(pieces.slice(PIECE, 1)).isNull();
      assertThatThrownBy(() -> pieces.write(0, TORRENT.piece(0))).hasMessageContaining("deleted");
      assertThat(evicted.stream().mapToInt(BitSet::cardinality).sum()).isEqualTo(TORRENT.pieces());
      assertThat(dir.resolve(TORRENT.metainfo().infoHash().toString())).doesNotExist();
      assertThat(store.stored()).isEmpty();

      PieceStore again = store.open(TORRENT.metainfo());
      again.write(0, TORRENT.piece(0));
      pieces.close();
      assertThat(TestTorrent.read(again, 0, PIECE)).isEqualTo(TORRENT.bytes(0, PIECE));
    }
  }
}
