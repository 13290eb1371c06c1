package io.swarmgate.backend.content;

import java.io.IOException;

/**
 * Thrown where a byte was waited for as long as a byte may be waited for. As long as nothing has
 * been sent it is a gateway's timeout (RFC 9110 section 15.6.5).
 */
public final class StalledException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Takes what was expected and what came, in one line. */
  public StalledException(String message) {
    super(message);
  }

  /** The same for another who waited. */
  public StalledException(StalledException first) {
    super(first.getMessage(), first);
  }
}
