package io.swarmgate.backend.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a thread give way to others. Java's priorities do nothing on Linux, where each thread has a
 * nice value, which the system's own {@code renice} can set: the disk serves it after others then,
 * too. Where there is none, the thread stays as it is.
 */
final class Niceness {
  private static final Logger LOG = LoggerFactory.getLogger(Niceness.class);

  /** Leaves a tenth of a core that others want as well: hashing gets on, slowly. */
  static final int LOW = 10;

  private static final Path SELF = Path.of("/proc/thread-self");
  private static final long SECONDS = 5;

  private Niceness() {}

  /** Lowers the calling thread, and what threads it makes from here on. Waits for a process. */
  static void lower() {
    if (!Files.isSymbolicLink(SELF)) {
      return;
    }
    try {
      String thread = String.valueOf(Files.readSymbolicLink(SELF).getFileName());
      Process renice =
          new ProcessBuilder("renice", "-n", Integer.toString(LOW), "-p", thread)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!renice.waitFor(SECONDS, TimeUnit.SECONDS)) {
        renice.destroyForcibly();
      }
    } catch (IOException e) {
      LOG.debug("Hashing runs with ordinary priority: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
