package io.swarmgate.backend.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedFileTest {
  private static final int WINDOW = 64 << 10;
  private static final int LENGTH = 2 * WINDOW + 1;

  @TempDir private Path directory;
  private final byte[] content = new byte[LENGTH];
  private final AtomicInteger mapped = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  @BeforeEach
  void write() throws IOException {
    new Random(LENGTH).nextBytes(content);
    Files.write(directory.resolve("file"), content);
  }

  private MappedFile file(MappedFile.Permit permit) {
    return new MappedFile(() -> directory.resolve("file"), LENGTH, WINDOW, permit);
  }

  private MappedFile file() {
    return file(
        size -> {
          mapped.incrementAndGet();
          return () -> {};
        });
  }

  @Test
  void aWindowIsMappedOnceForAllWhoReadIt() throws Exception {
    MappedFile file = file();
    int readers = 8;
    CyclicBarrier start = new CyclicBarrier(readers);
    ExecutorService threads = Executors.newFixedThreadPool(readers);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int reader = 0; reader < readers; reader++) {
        all.add(
            threads.submit(
                () -> {
                  start.await(30, TimeUnit.SECONDS);
                  assertThat(read(file)).isEqualTo(content);
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get(30, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(mapped).hasValue(3);
    file.release();
  }

  @Test
  void aReleasedFileIsMappedAnewAndItsOpenSlicesStay() throws IOException {
    MappedFile file = file();
    try (Slice open = file.slice(WINDOW - 5, 100)) {
      file.release();
      assertThat(open.buffer())
          .as("up to its window's end")
          .isEqualTo(ByteBuffer.wrap(content, WINDOW - 5, 5));
    }
    assertThat(read(file)).isEqualTo(content);
    assertThat(mapped).hasValue(4);
    file.release();
  }

  @Test
  void whatMayNotBeMappedIsRead() throws IOException {
    MappedFile file =
        file(
            size -> {
              refused.incrementAndGet();
              return null;
            });

    assertThat(read(file)).isEqualTo(content);
    assertThat(refused.get()).isPositive();
    file.release();
  }

  private static byte[] read(MappedFile file) throws IOException {
    byte[] all = new byte[LENGTH];
    for (int position = 0; position < LENGTH; ) {
      try (Slice slice = file.slice(position, 10_000)) {
        int count = slice.buffer().remaining();
        slice.buffer().duplicate().get(all, position, count);
        position += count;
      }
    }
    return all;
  }
}
