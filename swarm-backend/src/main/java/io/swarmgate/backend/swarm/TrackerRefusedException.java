package io.swarmgate.backend.swarm;

import java.io.IOException;

/** A tracker works, but won't have this torrent; the message is the tracker's own. */
public final class TrackerRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  public TrackerRefusedException(String reason) {
    super(reason);
  }
}
