package io.swarmgate.backend.origin;

import java.io.IOException;

/** Thrown where a response isn't what was asked for. */
final class FitException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Fit fit;

  FitException(Fit fit) {
    super(fit.toString());
    this.fit = fit;
  }

  Fit fit() {
    return fit;
  }
}
