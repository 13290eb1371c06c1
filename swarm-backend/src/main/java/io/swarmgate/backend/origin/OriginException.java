package io.swarmgate.backend.origin;

import java.io.IOException;

/** Thrown when no origin answers, or not with what was asked for; the message says what came. */
final class OriginException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * Takes what a gateway says about it.
   *
   * @param status 502 or 504
   */
  OriginException(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  OriginException(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }
}
