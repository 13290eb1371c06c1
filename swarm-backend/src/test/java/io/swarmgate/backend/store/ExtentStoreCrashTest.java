package io.swarmgate.backend.store;

import static io.swarmgate.backend.store.TestTorrent.PIECE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtentStoreCrashTest {
  private static final TestTorrent TORRENT = TestTorrent.of(2, 10 * PIECE + 1);

  @TempDir Path dir;

  /** A store with every piece, stopped without a word. */
  private Path crashed() throws IOException {
    Path running = dir.resolve("running");
    try (ExtentStore store = TestStores.open(running)) {
      TORRENT.writeAll(store.open(TORRENT.metainfo()));
      return TestStores.copy(running, dir.resolve("crashed"));
    }
  }

  private Path file(Path store, String name) {
    return store.resolve(TORRENT.metainfo().infoHash().toString()).resolve(name);
  }

  @Test
  void anUncleanStopLeavesPiecesUnverifiedUntilChecked() throws IOException {
    Path path = crashed();
    try (ExtentStore store = TestStores.open(path)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      assertThat(pieces.pieces().isEmpty()).isTrue();
      assertThat(pieces.slice(0, 1)).isNull();
      assertThat(store.used()).isEqualTo(TORRENT.content().length);
      for (int i = 0; i < TORRENT.pieces(); i++) {
        assertThat(pieces.isUnverified(i)).isTrue();
        assertThat(pieces.verify(i)).isTrue();
        assertThat(pieces.isUnverified(i)).isFalse();
      }
      int length = TORRENT.content().length;
      assertThat(TestTorrent.read(pieces, 0, length)).isEqualTo(TORRENT.content());
    }
    try (ExtentStore store = TestStores.open(path)) {
      assertThat(store.open(TORRENT.metainfo()).pieces().cardinality()).isEqualTo(TORRENT.pieces());
    }
  }

  @Test
  void whatIsNotCheckedStaysUnverifiedOverACleanStop() throws IOException {
    Path path = crashed();
    try (ExtentStore store = TestStores.open(path)) {
      assertThat(store.open(TORRENT.metainfo()).verify(3)).isTrue();
    }
    try (ExtentStore store = TestStores.open(path)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      assertThat(pieces.has(3)).isTrue();
      assertThat(pieces.has(4)).isFalse();
      assertThat(pieces.isUnverified(4)).isTrue();
    }
  }

  @Test
  void aDamagedPieceIsAbsentAndCanBeWrittenAgain() throws IOException {
    Path path = crashed();
    try (RandomAccessFile extent =
        new RandomAccessFile(file(path, "000001.extent").toFile(), "rw")) {
      extent.seek(PIECE + 100);
      extent.write(~TORRENT.content()[5 * PIECE + 100]);
    }
    try (ExtentStore store = TestStores.open(path)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      assertThat(pieces.verify(5)).isFalse();
      assertThat(pieces.isUnverified(5)).isFalse();
      assertThat(pieces.slice(5L * PIECE, 1)).isNull();
      assertThat(pieces.verify(4)).isTrue();
      pieces.write(5, TORRENT.piece(5));
      assertThat(TestTorrent.read(pieces, 4 * PIECE, 6 * PIECE))
          .isEqualTo(TORRENT.bytes(4 * PIECE, 6 * PIECE));
      assertThat(store.used()).isEqualTo(TORRENT.content().length);
    }
  }

  @Test
  void anUnverifiedPieceCanBeWrittenInsteadOfChecked() throws IOException {
    try (ExtentStore store = TestStores.open(crashed())) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      pieces.write(0, TORRENT.piece(0));
      assertThat(pieces.has(0)).isTrue();
      assertThat(store.used()).isEqualTo(TORRENT.content().length);
    }
  }

  @Test
  void anExtentThatIsGoneOrShortIsNotClaimed() throws IOException {
    Path path = crashed();
    Files.delete(file(path, "000000.extent"));
    try (RandomAccessFile extent =
        new RandomAccessFile(file(path, "000001.extent").toFile(), "rw")) {
      extent.setLength(1);
    }
    try (ExtentStore store = TestStores.open(path)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      assertThat(pieces.isUnverified(3)).isFalse();
      assertThat(pieces.isUnverified(7)).isFalse();
      assertThat(pieces.verify(8)).isTrue();
      assertThat(file(path, "000001.extent")).doesNotExist();
    }
  }

  @Test
  void aDamagedMapCostsItsPiecesAndNothingElse() throws IOException {
    Path path = crashed();
    Files.writeString(file(path, "pieces.map"), "no map");
    try (ExtentStore store = TestStores.open(path)) {
      assertThat(store.used()).isZero();
      PieceStore pieces = store.open(TORRENT.metainfo());
      TORRENT.writeAll(pieces);
      int length = TORRENT.content().length;
      assertThat(TestTorrent.read(pieces, 0, length)).isEqualTo(TORRENT.content());
    }
  }

  @Test
  void aBitFlippedInACleanMapMakesPiecesUnverified() throws IOException {
    Path path = dir.resolve("clean");
    try (ExtentStore store = TestStores.open(path)) {
      store.open(TORRENT.metainfo()).write(0, TORRENT.piece(0));
    }
    Path map = file(path, "pieces.map");
    byte[] bytes = Files.readAllBytes(map);
    bytes[32] |= 2;
    Files.write(map, bytes);
    try (ExtentStore store = TestStores.open(path)) {
      PieceStore pieces = store.open(TORRENT.metainfo());
      assertThat(pieces.has(1)).isFalse();
      assertThat(pieces.verify(1)).isFalse();
      assertThat(pieces.verify(0)).isTrue();
    }
  }

  @Test
  void aKilledProcessLosesNoPieceItReportedAndClaimsNoWrongOne() throws Exception {
    Path path = dir.resolve("killed");
    Process child = ChildJvm.start(List.of("-Xmx64m"), Writer.class, path.toString());
    int reported = 0;
    try (BufferedReader out = child.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        reported = Integer.parseInt(line);
        if (reported == Writer.ENOUGH) {
          // The handle's leaves our end of the pipe open, and readable to its last line.
          child.toHandle().destroyForcibly();
        }
      }
    }
    assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(reported).isBetween(Writer.ENOUGH, Writer.TORRENT.pieces() - 1);
    try (ExtentStore store = TestStores.open(path)) {
      PieceStore pieces = store.open(Writer.TORRENT.metainfo());
      for (int i = 0; i <= reported; i++) {
        assertThat(pieces.verify(i)).as("piece %d", i).isTrue();
      }
      long end = (long) (reported + 1) * PIECE;
      assertThat(TestTorrent.read(pieces, 0, end)).isEqualTo(Writer.TORRENT.bytes(0, end));
    }
  }

  /** Writes pieces until it is killed, and says each that is written. */
  static final class Writer {
    static final int ENOUGH = 40;
    static final TestTorrent TORRENT = TestTorrent.of(3, 3000 * PIECE);

    private Writer() {}

    public static void main(String[] args) throws IOException {
      PieceStore pieces = TestStores.open(Path.of(args[0])).open(TORRENT.metainfo());
      for (int i = 0; i < TORRENT.pieces(); i++) {
        pieces.write(i, TORRENT.piece(i));
        System.out.println(i);
      }
    }
  }
}
