package io.swarmgate.backend.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.system.FileGuard;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedFileTest {
  private static final int WINDOW = 64 << 10;
  private static final TestTorrent TORRENT = TestTorrent.of(1, 3 * WINDOW + 100);

  @TempDir Path dir;

  private GuardedFile guarded(boolean mapped) throws IOException {
    Path file = Files.write(dir.resolve("x"), TORRENT.content());
    return new GuardedFile(file, FileGuard.of(file), mapped, WINDOW);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bytesAtEachWindowEdgeAreTheFiles(boolean mapped) throws IOException {
    try (PublishedFile published = new PublishedFile(guarded(mapped), TORRENT.metainfo())) {
      int length = TORRENT.content().length;
      for (int edge : new int[] {1, WINDOW, 2 * WINDOW, 3 * WINDOW, length - 1}) {
        for (int from = edge - 1; from <= Math.min(edge + 1, length - 1); from++) {
          int to = Math.min(length, from + 100_000);
          assertThat(TestTorrent.read(published, from, to)).isEqualTo(TORRENT.bytes(from, to));
        }
      }
      assertThatThrownBy(() -> published.slice(length, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> published.slice(-1, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void everyPieceIsThereAndNoneIsUnverified() throws IOException {
    try (PublishedFile published = new PublishedFile(guarded(true), TORRENT.metainfo())) {
      BitSet all = new BitSet();
      all.set(0, TORRENT.pieces());
      assertThat(published.pieces()).isEqualTo(all);
      assertThat(published.has(TORRENT.pieces() - 1)).isTrue();
      assertThat(published.has(TORRENT.pieces())).isFalse();
      assertThat(published.isUnverified(0)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReplacedTruncatedOrRemovedFileFailsTheNextSlice(boolean mapped) throws IOException {
    GuardedFile replaced = guarded(mapped);
    replaced.slice(0, 10).close();
    Path other = Files.write(dir.resolve("y"), TORRENT.content());
    Files.move(other, replaced.path(), StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> replaced.slice(10, 10))
        .hasMessageContaining("expected")
        .hasMessageContaining("got");

    GuardedFile truncated = guarded(mapped);
    Files.write(truncated.path(), new byte[5]);
    assertThatThrownBy(() -> truncated.slice(0, 10)).hasMessageContaining("5 bytes");

    GuardedFile removed = guarded(mapped);
    Files.delete(removed.path());
    assertThatThrownBy(() -> removed.slice(0, 10)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void slicesBeyondTwoGibibytesAreRight(boolean mapped) throws IOException {
    long length = (5L << 30) + 3;
    long[] marks = {0, (1L << 31) - 1, 1L << 31, (1L << 32) - 1, 1L << 32, length - 1};
    Path file = dir.resolve("large");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(length);
      for (int i = 0; i < marks.length; i++) {
        sparse.seek(marks[i]);
        sparse.write(i + 1);
      }
    }
    try (GuardedFile large = new GuardedFile(file, FileGuard.of(file), mapped)) {
      for (int i = 0; i < marks.length; i++) {
        try (Slice slice = large.slice(marks[i], 1)) {
          assertThat(TestTorrent.bytes(slice)).containsExactly(i + 1);
        }
      }
    }
  }

  @Test
  void anInterruptedReaderDoesNotFailTheOthers() throws Exception {
    GuardedFile file = guarded(false);
    file.slice(0, 10).close();
    Thread interrupted =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              assertThatThrownBy(() -> file.slice(0, 10)).isInstanceOf(IOException.class);
            });
    interrupted.start();
    interrupted.join();
    try (Slice slice = file.slice(5, 10)) {
      assertThat(TestTorrent.bytes(slice)).isEqualTo(TORRENT.bytes(5, 15));
    }
  }

  @Test
  void aMetainfoOfAnotherLengthIsRefused() throws IOException {
    GuardedFile file = guarded(true);
    assertThatThrownBy(() -> new PublishedFile(file, TestTorrent.of(1, 5).metainfo()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected 5 bytes");
  }

  @Test
  void aFileNotHashedYetHasADateAndNoEntityTag() throws IOException {
    GuardedFile file = guarded(true);
    FileContent content = new FileContent(file);
    assertThat(content.validator().etag()).isNull();
    assertThat(content.validator().lastModified())
        .isEqualTo(file.guard().modified().truncatedTo(ChronoUnit.SECONDS));
    ContentReader reader = content.reader();
    content.close();
    try (Slice slice = reader.poll(WINDOW - 1, 5)) {
      assertThat(TestTorrent.bytes(slice)).isEqualTo(TORRENT.bytes(WINDOW - 1, WINDOW));
    }
    reader.close();
    assertThatThrownBy(() -> reader.poll(0, 1)).hasMessageContaining("closed");
  }
}
