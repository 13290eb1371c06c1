package io.swarmgate.backend.store;

import static io.swarmgate.backend.store.TestTorrent.PIECE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IncomingTest {
  private static final int LENGTH = 3 * TestStores.EXTENT + 100;
  private static final TestTorrent TORRENT = TestTorrent.of(1, LENGTH);

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatCameInBecomesATorrentWhileItIsRead(boolean mapped) throws IOException {
    try (ExtentStore store = TestStores.open(dir, 1 << 30, mapped)) {
      Incoming incoming = store.receive(TORRENT.metainfo().layout());
      assertThat(incoming.slice(0, 10)).isNull();
      writeAll(incoming);
      Slice open = Objects.requireNonNull(incoming.slice(PIECE, 100));

      try (PieceStore torrent = incoming.publish(TORRENT.metainfo())) {
        assertThat(TestTorrent.read(torrent, 0, LENGTH)).isEqualTo(TORRENT.content());
        byte[] held = new byte[100];
        open.buffer().get(held);
        assertThat(held).isEqualTo(TORRENT.bytes(PIECE, PIECE + 100));
        open.close();
      }
      assertThat(store.stored()).containsExactly(TORRENT.metainfo().infoHash());
      assertThat(store.used()).isEqualTo(LENGTH);
      incoming.close();
      assertThat(store.pieces(TORRENT.metainfo().infoHash()).cardinality())
          .isEqualTo(TORRENT.pieces());
    }
    try (ExtentStore store = TestStores.open(dir);
        PieceStore torrent = store.open(TORRENT.metainfo())) {
      assertThat(TestTorrent.read(torrent, 0, LENGTH)).isEqualTo(TORRENT.content());
    }
  }

  @Test
  void roomForAllOfItIsReservedFirstAndGivenBackWithIt() throws IOException {
    try (ExtentStore store = TestStores.open(dir, LENGTH + PIECE, true)) {
      Incoming incoming = store.receive(TORRENT.metainfo().layout());
      assertThat(store.used()).isEqualTo(LENGTH);
      incoming.write(0, TORRENT.piece(0));
      assertThat(store.used()).isEqualTo(LENGTH);
      PieceLayout other = new PieceLayout(2 * PIECE, PIECE);
      assertThatThrownBy(() -> store.receive(other)).isInstanceOf(StoreFullException.class);

      incoming.close();
      incoming.close();

      assertThat(store.used()).isZero();
      assertThat(incoming.slice(0, 10)).isNull();
      assertThatThrownBy(() -> incoming.write(1, TORRENT.piece(1))).isInstanceOf(IOException.class);
      assertThat(left()).isEmpty();
      store.receive(other).close();
    }
  }

  @Test
  void whatIsOnItsWayInIsNotEvictedAndATorrentIs() throws IOException {
    TestTorrent other = TestTorrent.of(2, LENGTH);
    try (ExtentStore store = TestStores.open(dir, LENGTH + 2L * TestStores.EXTENT, true);
        PieceStore others = store.open(other.metainfo())) {
      Incoming incoming = store.receive(TORRENT.metainfo().layout());
      writeAll(incoming);
      other.writeAll(others);
      assertThat(incoming.pieces().cardinality()).isEqualTo(TORRENT.pieces());
      try (PieceStore torrent = incoming.publish(TORRENT.metainfo())) {
        TestTorrent third = TestTorrent.of(3, LENGTH);
        try (PieceStore thirds = store.open(third.metainfo())) {
          third.writeAll(thirds);
        }
        assertThat(torrent.pieces().cardinality()).isLessThan(TORRENT.pieces());
      }
    }
  }

  @Test
  void whatTheStoreHasAlreadyIsOnlyCompleted() throws IOException {
    try (ExtentStore store = TestStores.open(dir);
        PieceStore there = store.open(TORRENT.metainfo())) {
      there.write(2, TORRENT.piece(2));
      Incoming incoming = store.receive(TORRENT.metainfo().layout());
      writeAll(incoming);
      try (PieceStore torrent = incoming.publish(TORRENT.metainfo())) {
        assertThat(TestTorrent.read(torrent, 0, LENGTH)).isEqualTo(TORRENT.content());
      }
      assertThat(there.pieces().cardinality()).isEqualTo(TORRENT.pieces());
      assertThat(store.used() - store.lingering()).isEqualTo(LENGTH);
      assertThat(left()).isEmpty();
    }
  }

  @Test
  void nothingOfItOutlivesAnUncleanStop() throws IOException {
    Path copy = dir.resolve("copy");
    try (ExtentStore store = TestStores.open(dir.resolve("store"))) {
      Incoming incoming = store.receive(TORRENT.metainfo().layout());
      incoming.write(0, TORRENT.piece(0));
      TestStores.copy(dir.resolve("store"), copy);
      assertThat(left(copy)).isNotEmpty();
    }
    assertThat(left(dir.resolve("store"))).isEmpty();
    try (ExtentStore store = TestStores.open(copy)) {
      assertThat(store.used()).isZero();
      assertThat(left(copy)).isEmpty();
    }
  }

  private static void writeAll(Incoming incoming) throws IOException {
    for (int i = 0; i < TORRENT.pieces(); i++) {
      incoming.write(i, TORRENT.piece(i));
    }
  }

  private String left() throws IOException {
    return left(dir);
  }

  private static String left(Path store) throws IOException {
    try (Stream<Path> files = Files.list(store)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("incoming"))
          .reduce("", String::concat);
    }
  }
}
