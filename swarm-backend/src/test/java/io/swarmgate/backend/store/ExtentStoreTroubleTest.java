package io.swarmgate.backend.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.testing.CapturedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtentStoreTroubleTest {
  @TempDir Path dir;

  @Test
  void aFailingDiskIsSaidOnceAndSoIsItsRecovery() throws IOException {
    TestTorrent torrent = TestTorrent.of(1, 8 * TestStores.EXTENT);
    AtomicLong now = new AtomicLong();
    StoreOptions options = new StoreOptions(1 << 20, TestStores.EXTENT, true, 0, now::get);
    try (CapturedLog log = new CapturedLog(getClass());
        ExtentStore store = ExtentStore.open(dir, options, new TestTorrent.Codec())) {
      PieceStore pieces = store.open(torrent.metainfo());
      Path directory = dir.resolve(torrent.metainfo().infoHash().toString());
      Path away = dir.resolve("away");
      Files.move(directory, away);
      for (int i = 0; i < torrent.pieces(); i++) {
        int piece = i;
        assertThatThrownBy(() -> pieces.write(piece, torrent.piece(piece)))
            .isInstanceOf(IOException.class);
        assertThat(pieces.has(i)).isFalse();
      }
      assertThat(store.used()).isZero();
      assertThat(log.warnings()).hasSize(1);
      Files.move(away, directory);
      pieces.write(0, torrent.piece(0));
      assertThat(pieces.has(0)).isTrue();
      assertThat(log.warnings()).hasSize(1);
      now.set(TimeUnit.SECONDS.toNanos(10));
      pieces.write(1, torrent.piece(1));
      pieces.write(2, torrent.piece(2));
      assertThat(log.warnings()).hasSize(2);
      assertThat(log.warnings().get(1)).contains("32 were not");
    }
  }
}
