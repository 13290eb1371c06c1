package io.swarmgate.backend.metainfo;

/** Thrown when bytes are not a .torrent file that can be served; the message says why. */
public final class InvalidMetainfoException extends Exception {
  private static final long serialVersionUID = 1L;

  public InvalidMetainfoException(String message) {
    super(message);
  }

  public InvalidMetainfoException(String message, Throwable cause) {
    super(message, cause);
  }
}
