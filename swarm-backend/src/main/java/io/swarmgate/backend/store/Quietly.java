package io.swarmgate.backend.store;

import java.io.Closeable;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closing what was only read: a failure is worth a line in the log and nothing else. */
final class Quietly {
  private static final Logger LOG = LoggerFactory.getLogger(Quietly.class);

  private Quietly() {}

  static void close(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      LOG.warn("could not close {}", closeable, e);
    }
  }
}
