package io.swarmgate.backend.metainfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.system.FileGuard;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetainfoMakerTest {
  private static final int PIECE = 16 << 10;

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "1, 262144",
    "536870912, 262144",
    "536870913, 1048576",
    "17179869184, 1048576",
    "17179869185, 4194304"
  })
  void pieceLengthGrowsWithTheFile(long length, int expected) {
    assertThat(MetainfoMaker.pieceLength(length)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, (1 << 20) + 5})
  void hashesEachPieceAndTheWhole(int length) throws IOException {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    Path file = Files.write(dir.resolve("x"), content);
    AtomicLong last = new AtomicLong();

    HashedFile hashed =
        MetainfoMaker.hash(
            file,
            FileGuard.of(file),
            PIECE,
            (done, all) -> {
              last.set(done);
              return all == length;
            });

    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (int at = 0; at < length; at += PIECE) {
      byte[] piece = Arrays.copyOfRange(content, at, Math.min(length, at + PIECE));
      expected.writeBytes(Digests.sha1().digest(piece));
    }
    assertThat(hashed.hashes().hashes()).isEqualTo(expected.toByteArray());
    assertThat(hashed.hashes().sha256()).isEqualTo(Digests.sha256().digest(content));
    assertThat(hashed.hashes().layout()).isEqualTo(new PieceLayout(length, PIECE));
    assertThat(hashed.guard()).isEqualTo(FileGuard.of(file));
    assertThat(last).hasValue(length);
  }

  @Test
  void aFileThatGrowsWhileItIsHashedIsRefused() throws IOException {
    Path file = Files.write(dir.resolve("x"), new byte[2 * PIECE]);
    assertThatThrownBy(
            () -> MetainfoMaker.hash(file, (done, all) -> write(file, new byte[3 * PIECE])))
        .hasMessageContaining("changed");
  }

  @Test
  void aFileThatShrinksWhileItIsHashedIsRefused() throws IOException {
    Path file = Files.write(dir.resolve("x"), new byte[2 << 20]);
    assertThatThrownBy(() -> MetainfoMaker.hash(file, (done, all) -> write(file, new byte[1])))
        .hasMessageContaining("got only");
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    Path file = Files.write(dir.resolve("x"), new byte[0]);
    assertThatThrownBy(() -> MetainfoMaker.hash(file, (done, all) -> true))
        .hasMessageContaining("empty");
  }

  @Test
  void progressCanGiveUp() throws IOException {
    Path file = Files.write(dir.resolve("x"), new byte[PIECE]);
    assertThatThrownBy(() -> MetainfoMaker.hash(file, (done, all) -> false))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void whatWasHashedBeforeItWasGivenUpIsKnownToTheNextAttempt() throws IOException {
    Path file = dir.resolve("x");
    long length = 100L << 20;
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(length);
      sparse.write(1);
      sparse.seek(length - 1);
      sparse.write(2);
    }
    FileGuard guard = FileGuard.of(file);
    long end = 70L << 20;
    Attempt first = new Attempt(new byte[0], end);
    assertThatThrownBy(() -> MetainfoMaker.hash(file, first))
        .isInstanceOf(CancellationException.class);
    int pieces = (int) (end / MetainfoMaker.pieceLength(length));
    assertThat(first.kept).hasSize(pieces * Metainfo.HASH_LENGTH);
    assertThat(first.keptOf).isEqualTo(guard);

    HashedFile whole = MetainfoMaker.hash(file, (done, all) -> true);
    Attempt second = new Attempt(first.kept, Long.MAX_VALUE);
    HashedFile resumed = MetainfoMaker.hash(file, second);
    assertThat(resumed.hashes().hashes()).isEqualTo(whole.hashes().hashes());
    assertThat(resumed.hashes().sha256()).isEqualTo(whole.hashes().sha256());
    // They are not made again.
    byte[] wrong = first.kept.clone();
    wrong[0] ^= 1;
    HashedFile trusting = MetainfoMaker.hash(file, new Attempt(wrong, Long.MAX_VALUE));
    assertThat(trusting.hashes().hashes()).startsWith(wrong[0]);
  }

  /** Is given up after so many bytes. */
  private static final class Attempt implements MetainfoMaker.Progress {
    private final byte[] known;
    private final long end;
    private byte[] kept = {};
    private @Nullable FileGuard keptOf;

    Attempt(byte[] known, long end) {
      this.known = known;
      this.end = end;
    }

    @Override
    public boolean hashed(long hashed, long length) {
      return hashed < end;
    }

    @Override
    public byte[] known(FileGuard guard) {
      return known;
    }

    @Override
    public void keep(FileGuard guard, byte[] hashes) {
      kept = hashes;
      keptOf = guard;
    }
  }

  @Test
  void anInterruptEndsIt() throws IOException {
    Path file = Files.write(dir.resolve("x"), new byte[PIECE]);
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> MetainfoMaker.hash(file, (done, all) -> true))
          .isInstanceOf(ClosedByInterruptException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private static boolean write(Path file, byte[] content) {
    try {
      Files.write(file, content);
      return true;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
