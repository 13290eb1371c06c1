package io.swarmgate.backend.store;

import java.io.IOException;

/** Thrown when neither the quota nor the disk has room for a piece; the message says which. */
public final class StoreFullException extends IOException {
  private static final long serialVersionUID = 1L;

  public StoreFullException(String message) {
    super(message);
  }
}
