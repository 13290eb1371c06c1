package io.swarmgate.backend.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells a full disk from a broken one, which Java doesn't. */
final class DiskFull {
  private DiskFull() {}

  /** Returns {@code e}, or a {@link StoreFullException} if what failed is that there is no room. */
  static IOException asStoreFull(IOException e, Path directory, long bytes) {
    if (e instanceof StoreFullException || !isFull(directory, bytes)) {
      return e;
    }
    IOException full =
        new StoreFullException(directory + ": the disk has no room for " + bytes + " bytes");
    full.initCause(e);
    return full;
  }

  private static boolean isFull(Path directory, long bytes) {
    try {
      return Files.getFileStore(directory).getUsableSpace() < bytes;
    } catch (IOException e) {
      return false;
    }
  }
}
