package io.swarmgate.backend.swarm;

import java.io.IOException;

/** Thrown when a peer breaks BEP 3; the message says what was expected and what came. */
final class ProtocolException extends IOException {
  private static final long serialVersionUID = 1L;

  ProtocolException(String message) {
    super(message);
  }
}
