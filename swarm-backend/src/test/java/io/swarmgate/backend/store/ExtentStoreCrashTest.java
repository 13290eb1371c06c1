package io.swarmgate.backend.store;

import static io.swarmgate.backend.store.TestTorrent.PIECE;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.testing.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
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

  @Test
  void killedAgainAndAgainItNeverLosesAReportedPieceNorReadsAWrongByte() throws Exception {
    Path path = dir.resolve("killed");
    BitSet reported = new BitSet();
    Random random = new Random(5);
    for (int round = 0; round < 4; round++) {
      Process child =
          ChildJvm.start(List.of("-Xmx64m"), WriterAndReader.class, path.toString(), "" + round);
      int more = 1 + random.nextInt(300);
      try (BufferedReader out = child.inputReader()) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          reported.set(Integer.parseInt(line));
          more--;
          if (more == 0) {
            child.toHandle().destroyForcibly();
          }
        }
      }
      assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
      // Not what it returns by itself: it stops at the first wrong byte.
      assertThat(child.exitValue()).as("round %d", round).isGreaterThan(128);
    }
    assertThat(reported.cardinality()).isLessThan(Writer.TORRENT.pieces());
    try (ExtentStore store = TestStores.open(path)) {
      PieceStore pieces = store.open(Writer.TORRENT.metainfo());
      for (int i = 0; i < Writer.TORRENT.pieces(); i++) {
        if (reported.get(i)) {
          assertThat(pieces.verify(i)).as("piece %d", i).isTrue();
        }
      }
      WriterAndReader.readAll(pieces);
    }
  }

  /** Checks what an earlier one left, then writes and reads back pieces until it is killed. */
  static final class WriterAndReader {
    private WriterAndReader() {}

    public static void main(String[] args) throws IOException {
      TestTorrent torrent = Writer.TORRENT;
      PieceStore pieces = TestStores.open(Path.of(args[0])).open(torrent.metainfo());
      Random random = new Random(Integer.parseInt(args[1]));
      for (int i = 0; i < torrent.pieces(); i += 2) {
        boolean unused = pieces.verify(i);
      }
      readAll(pieces);
      while (true) {
        int piece = random.nextInt(torrent.pieces());
        pieces.write(piece, torrent.piece(piece));
        System.out.println(piece);
        read(pieces, random.nextInt(torrent.pieces()));
      }
    }

    static void readAll(PieceStore pieces) throws IOException {
      for (int i = 0; i < Writer.TORRENT.pieces(); i++) {
        read(pieces, i);
      }
    }

    private static void read(PieceStore pieces, int piece) throws IOException {
      long start = (long) piece * PIECE;
      try (Slice slice = pieces.slice(start, PIECE)) {
        if (slice != null) {
          byte[] bytes = TestTorrent.bytes(slice);
          if (!Arrays.equals(bytes, Writer.TORRENT.bytes(start, start + bytes.length))) {
            throw new IOException("piece " + piece + ": expected its bytes, got others");
          }
        }
      }
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
