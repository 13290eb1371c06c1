package io.swarmgate.backend.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Stores with extents of four pieces. */
final class TestStores {
  static final int EXTENT = 4 * TestTorrent.PIECE;

  private TestStores() {}

  static ExtentStore open(Path path) throws IOException {
    return open(path, 1 << 30, true);
  }

  /** A store that keeps no written piece for its first reader. */
  static ExtentStore open(Path path, long max, boolean mapped) throws IOException {
    StoreOptions options = new StoreOptions(max, EXTENT, mapped, 0, System::nanoTime);
    return ExtentStore.open(path, options, new TestTorrent.Codec());
  }

  /** Copies a store as it is, which is what a stop at this moment would leave. */
  static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(file -> copyOne(file, to.resolve(from.relativize(file).toString())));
    }
    return to;
  }

  private static void copyOne(Path from, Path to) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes of the extent files in a store. */
  static long onDisk(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      return files.filter(f -> f.toString().endsWith(".extent")).mapToLong(TestStores::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }
}
