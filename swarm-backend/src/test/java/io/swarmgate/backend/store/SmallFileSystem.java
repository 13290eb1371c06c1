package io.swarmgate.backend.store;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system of its own in memory, of limited size. Needs Linux and the right to mount. */
final class SmallFileSystem implements AutoCloseable {
  private final Path path;

  private SmallFileSystem(Path path) {
    this.path = path;
  }

  static SmallFileSystem mount(Path path, long bytes) throws Exception {
    run(List.of("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", path.toString()));
    return new SmallFileSystem(path);
  }

  Path path() {
    return path;
  }

  /** Bytes in use, as df says. */
  long used() throws IOException {
    FileStore store = Files.getFileStore(path);
    return store.getTotalSpace() - store.getUnallocatedSpace();
  }

  /** Lazily: before Java 22 something may still be mapped. */
  @Override
  public void close() throws Exception {
    run(List.of("umount", "-l", path.toString()));
  }

  private static void run(List<String> command) throws Exception {
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException(command + ": expected the right to mount, got status " + status);
    }
  }
}
