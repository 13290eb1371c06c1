package io.swarmgate.backend.store;

import java.io.IOException;

/** A published file is no longer what it was when its bytes were relied on. */
final class FileChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  FileChangedException(String message) {
    super(message);
  }

  FileChangedException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
