package io.swarmgate.backend.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.system.FileGuard;
import io.swarmgate.backend.testing.Reading;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefaultTest {
  @TempDir Path dir;

  private final Deque<Runnable> disk = new ArrayDeque<>();
  private final AtomicInteger done = new AtomicInteger();
  private final Prefault prefault = new Prefault(disk::add, done::incrementAndGet);

  private static final class FakeSlice implements Slice {
    private final ByteBuffer buffer;
    private final boolean resident;
    private final boolean broken;
    int loads;
    int closes;

    FakeSlice(int length, boolean resident, boolean broken) {
      this.buffer = ByteBuffer.allocate(length);
      this.resident = resident;
      this.broken = broken;
    }

    @Override
    public ByteBuffer buffer() {
      return buffer;
    }

    @Override
    public boolean isResident() {
      return resident;
    }

    @Override
    public void load() throws IOException {
      loads++;
      if (broken) {
        throw new IOException("the disk is broken");
      }
    }

    @Override
    public void close() {
      closes++;
    }
  }

  private static FakeSlice cold(int length) {
    return new FakeSlice(length, false, false);
  }

  @Test
  void whatIsInMemoryPasses() {
    FakeSlice warm = new FakeSlice(10, true, false);
    assertThat(prefault.pass(0, warm)).isSameAs(warm);
    assertThat(disk).isEmpty();
    assertThat(warm.loads).isZero();
  }

  @Test
  void whatIsNotIsReadOnceAndPassesThenWhateverHasBecomeOfIt() {
    FakeSlice first = cold(10);
    assertThat(prefault.pass(100, first)).isNull();
    assertThat(prefault.isReading()).isTrue();
    disk.remove().run();

    assertThat(prefault.isReading()).isFalse();
    assertThat(done).hasValue(1);
    assertThat(first.loads).isEqualTo(1);
    assertThat(first.closes).isEqualTo(1);
    assertThat(prefault.most(104, 50)).isEqualTo(6);
    assertThat(prefault.most(110, 50)).isEqualTo(50);
    FakeSlice again = cold(6);
    assertThat(prefault.pass(104, again)).isSameAs(again);
    assertThat(prefault.pass(110, cold(10))).isNull();
    assertThat(disk).hasSize(1);
  }

  @Test
  void oneSliceIsReadAtATime() {
    assertThat(prefault.pass(0, cold(10))).isNull();
    FakeSlice other = cold(10);
    FakeSlice same = cold(10);
    assertThat(prefault.pass(50, other)).isNull();
    assertThat(prefault.pass(0, same)).isNull();
    assertThat(other.closes).isEqualTo(1);
    assertThat(same.closes).isEqualTo(1);
    assertThat(disk).hasSize(1);
    disk.remove().run();
    assertThat(done).hasValue(1);
  }

  @Test
  void aFailureIsLeftToWhoeverUsesTheSlice() {
    FakeSlice broken = new FakeSlice(10, false, true);
    assertThat(prefault.pass(0, broken)).isNull();
    disk.remove().run();
    assertThat(done).hasValue(1);
    assertThat(broken.closes).isEqualTo(1);
    FakeSlice again = new FakeSlice(10, false, true);
    assertThat(prefault.pass(0, again)).isSameAs(again);
  }

  @Test
  void aFilesSlicesAreInMemoryOnceTheyWereRead() throws Exception {
    byte[] content = new byte[6 << 20];
    new Random(1).nextBytes(content);
    Path file = Files.write(dir.resolve("x"), content);
    try (GuardedFile guarded = new GuardedFile(file, FileGuard.of(file), true)) {
      // Where the pages can't be dropped all of this holds as well.
      dropPages(file);
      try (Slice slice = guarded.slice(12_345, 1 << 20)) {
        slice.load();
        assertThat(slice.isResident()).isTrue();
      }
      dropPages(file);
      try (ContentReader reader = guarded.reader()) {
        assertThat(Reading.all(reader, content.length)).isEqualTo(content);
      }
      try (Slice slice = guarded.slice(0, content.length)) {
        assertThat(slice.isResident()).isTrue();
      }
    }
  }

  @Test
  void ofAFileThatIsReadNothingIsReadBeforeItIsLoaded() throws Exception {
    byte[] content = new byte[100_000];
    new Random(1).nextBytes(content);
    Path path = Files.write(dir.resolve("x"), content);
    AtomicInteger opened = new AtomicInteger();
    ReadFile file =
        new ReadFile(
            () -> path,
            () -> {
              opened.incrementAndGet();
              return FileChannel.open(path);
            });
    try (Slice slice = file.ahead(10, 1 << 20)) {
      assertThat(slice.isResident()).isFalse();
      assertThat(opened).hasValue(0);

      slice.load();

      assertThat(slice.isResident()).isTrue();
      byte[] loaded = new byte[slice.buffer().remaining()];
      slice.buffer().get(loaded);
      assertThat(loaded).isEqualTo(Arrays.copyOfRange(content, 10, 10 + loaded.length));
    } finally {
      file.release();
    }
  }

  @Test
  void storesTellSoOfWhatTheyReadAndDoNotMap() throws Exception {
    TestTorrent torrent = TestTorrent.of(1, 100_000);
    Path path = Files.write(dir.resolve("x"), torrent.content());
    try (ExtentStore extents = TestStores.open(dir.resolve("store"), 1 << 30, false);
        PieceStore fetched = extents.open(torrent.metainfo());
        PieceStore published =
            new PublishedFile(
                new GuardedFile(path, FileGuard.of(path), false), torrent.metainfo())) {
      assertThat(fetched.ahead(5, 10)).isNull();
      torrent.writeAll(fetched);
      for (PieceStore store : List.of(fetched, published)) {
        try (Slice slice = Objects.requireNonNull(store.ahead(5, 10))) {
          assertThat(slice.isResident()).isFalse();
          slice.load();
          assertThat(slice.buffer()).isEqualTo(ByteBuffer.wrap(torrent.bytes(5, 15)));
        }
      }
    }
  }

  /** Takes a file out of the page cache, where the system has the means. */
  private static void dropPages(Path file) throws Exception {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    try {
      Process dd =
          new ProcessBuilder("dd", "of=" + file, "oflag=nocache", "conv=notrunc", "count=0")
              .redirectErrorStream(true)
              .start();
      dd.getInputStream().readAllBytes();
      assertThat(dd.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("dd");
    }
  }
}
