package io.swarmgate.backend.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.system.FileGuard;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reader of a published file reads when that changes under it. */
class GuardedFileReaderTest {
  private static final int WINDOW = 128 << 10;
  private static final TestTorrent TORRENT = TestTorrent.of(1, 5 * WINDOW + 100);
  private static final int LENGTH = TORRENT.content().length;
  private static final int PART = 20_000;

  @TempDir Path dir;

  private GuardedFile file(boolean mapped) throws IOException {
    Path file = Files.write(dir.resolve("x"), TORRENT.content());
    return new GuardedFile(file, FileGuard.of(file), mapped, WINDOW);
  }

  private GuardedFile hashed(boolean mapped) throws IOException {
    GuardedFile file = file(mapped);
    file.hashed(() -> Optional.of(TORRENT.metainfo()));
    return file;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFileReplacedByRenameIsReadToItsEnd(boolean mapped) throws Exception {
    GuardedFile file = hashed(mapped);
    try (ContentReader reader = file.reader()) {
      assertThat(read(reader, 0, PART)).isEqualTo(TORRENT.bytes(0, PART));
      replace(file);
      // The owner drops the old version, and its metainfo may be gone from then on.
      file.keepHashes();
      file.close();
      assertThat(read(reader, PART, LENGTH)).isEqualTo(TORRENT.bytes(PART, LENGTH));
      assertThat(read(reader, 5, PART)).isEqualTo(TORRENT.bytes(5, PART));
    }
  }

  @Test
  void aDeletedFileIsReadToItsEnd() throws Exception {
    GuardedFile file = hashed(true);
    try (ContentReader reader = file.reader()) {
      read(reader, 0, PART);
      Files.delete(file.path());
      assertThat(read(reader, PART, LENGTH)).isEqualTo(TORRENT.bytes(PART, LENGTH));
    }
  }

  @Test
  void aFileThatIsAppendedToIsReadToItsOldEnd() throws Exception {
    GuardedFile file = hashed(true);
    try (ContentReader reader = file.reader()) {
      read(reader, 0, PART);
      Files.write(file.path(), new byte[10], StandardOpenOption.APPEND);
      assertThat(read(reader, PART, LENGTH)).isEqualTo(TORRENT.bytes(PART, LENGTH));
    }
  }

  @Test
  void aReaderThatBeganAfterTheChangeReadsNothing() throws Exception {
    GuardedFile file = hashed(true);
    replace(file);
    try (ContentReader reader = file.reader()) {
      assertThatThrownBy(() -> reader.poll(0, 1)).isInstanceOf(FileChangedException.class);
    }
  }

  @Test
  void aReplacedFileThatIsNotHashedEndsItsReaders() throws Exception {
    GuardedFile file = file(true);
    try (ContentReader reader = file.reader()) {
      read(reader, 0, PART);
      replace(file);
      assertThatThrownBy(() -> read(reader, PART, LENGTH)).hasMessageContaining("changed");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bytesWrittenOverAreNeverRead(boolean mapped) throws Exception {
    GuardedFile file = hashed(mapped);
    try (ContentReader reader = file.reader()) {
      read(reader, 0, PART);
      int wrong = 10 * TestTorrent.PIECE + 5;
      overwrite(file, wrong);
      int right = 10 * TestTorrent.PIECE;
      assertThat(read(reader, PART, right)).isEqualTo(TORRENT.bytes(PART, right));
      assertThatThrownBy(() -> read(reader, right, right + 1)).hasMessageContaining("piece 10");
      assertThatThrownBy(() -> read(reader, 0, 1)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatWasHandedOutWhileItWasWrittenOverEndsTheReader() throws Exception {
    GuardedFile file = hashed(true);
    try (ContentReader reader = file.reader()) {
      try (Slice slice = reader.poll(0, PART)) {
        assertThat(slice).isNotNull();
        overwrite(file, PART - 1);
      }
      assertThatThrownBy(() -> read(reader, PART, LENGTH)).hasMessageContaining("piece 1");
    }
  }

  @Test
  void whatWasReadBeforeItWasWrittenOverStands() throws Exception {
    GuardedFile file = hashed(true);
    try (ContentReader reader = file.reader()) {
      read(reader, 0, 4 * TestTorrent.PIECE);
      read(reader, 4 * TestTorrent.PIECE, 5 * TestTorrent.PIECE);
      overwrite(file, 100);
      assertThat(read(reader, 5 * TestTorrent.PIECE, LENGTH))
          .isEqualTo(TORRENT.bytes(5 * TestTorrent.PIECE, LENGTH));
    }
  }

  @Test
  void theEndOfWhatIsExpectedCanNoLongerChange() throws Exception {
    GuardedFile file = hashed(true);
    ByteSpan expected = new ByteSpan(1000, 3L * WINDOW + 7);
    try (ContentReader reader = file.reader()) {
      reader.expect(expected);
      int end = (int) expected.end();
      int at = (int) expected.start();
      Slice last = poll(reader, at, end - at);
      for (at += last.buffer().remaining(); at < end; at += last.buffer().remaining()) {
        last.close();
        last = poll(reader, at, end - at);
      }
      for (int i = 0; i < LENGTH; i += 1000) {
        overwrite(file, i);
      }
      assertThat(TestTorrent.bytes(last))
          .isEqualTo(TORRENT.bytes(end - last.buffer().remaining(), end));
      last.close();
    }
  }

  @Test
  void sealedBytesStayWhatTheyWereAndOthersAreNotGivenOut() throws Exception {
    GuardedFile file = hashed(true);
    AtomicInteger told = new AtomicInteger();
    file.onChange(told::incrementAndGet);
    try (PublishedFile published = new PublishedFile(file, TORRENT.metainfo())) {
      try (Slice sealed = published.sealed(5, 100)) {
        overwrite(file, 50);
        assertThat(TestTorrent.bytes(sealed)).isEqualTo(TORRENT.bytes(5, 105));
      }
      assertThat(told).hasValue(0);
      assertThatThrownBy(() -> published.sealed(5, 100)).isInstanceOf(FileChangedException.class);
      assertThatThrownBy(() -> published.slice(5, 100)).isInstanceOf(FileChangedException.class);
      assertThat(told).hasValue(1);
    }
  }

  @Test
  void aReaderThatWaitsForAPieceCanBeClosed() throws Exception {
    GuardedFile file = hashed(true);
    ContentReader reader = file.reader();
    read(reader, 0, PART);
    replace(file);
    assertThat(reader.poll(PART, 10)).isNull();
    reader.close();
    reader.close();
    assertThatThrownBy(() -> reader.poll(PART, 10)).hasMessageContaining("closed");
  }

  private void replace(GuardedFile file) throws IOException {
    Path other = Files.write(dir.resolve("y"), new byte[LENGTH]);
    Files.move(other, file.path(), StandardCopyOption.REPLACE_EXISTING);
  }

  private static void overwrite(GuardedFile file, int at) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.path().toFile(), "rw")) {
      access.seek(at);
      access.write(TORRENT.content()[at] ^ 1);
    }
  }

  private static byte[] read(ContentReader reader, int from, int to) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int at = from; at < to; at = from + bytes.size()) {
      try (Slice slice = poll(reader, at, to - at)) {
        bytes.writeBytes(TestTorrent.bytes(slice));
      }
    }
    return bytes.toByteArray();
  }

  private static Slice poll(ContentReader reader, int at, int max) throws Exception {
    while (true) {
      Slice slice = reader.poll(at, max);
      if (slice != null) {
        return slice;
      }
      CountDownLatch ready = new CountDownLatch(1);
      reader.onReady(ready::countDown);
      assertThat(ready.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
