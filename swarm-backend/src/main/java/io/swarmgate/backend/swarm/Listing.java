package io.swarmgate.backend.swarm;

import org.jspecify.annotations.Nullable;

/** A torrent at a tracker: what has been said of it, and what is due. Owned by the loop. */
final class Listing {
  final AnnouncedTorrent torrent;
  final TrackerQueue tracker;

  /** Waits among the tracker's announces that are due. */
  boolean queued;

  boolean inFlight;

  /** The tracker knows of it. */
  boolean started;

  boolean askedForPeers;
  boolean refused;

  /** The last pause after a refusal; 0 if the tracker didn't refuse. */
  long pauseMillis;

  /** When the tracker's least interval is over, in the clock's nanoseconds. */
  long earliest;

  /** Calls off the next announce; null if there is none. */
  private @Nullable Runnable timer;

  Listing(AnnouncedTorrent torrent, TrackerQueue tracker) {
    this.torrent = torrent;
    this.tracker = tracker;
  }

  void forgetPeers() {
    askedForPeers = false;
  }

  /** Announces it after a time, unless that is called off. */
  void announceLater(long millis, Announcer.Timers timers) {
    timer =
        timers.schedule(
            AnnouncePauses.jittered(millis),
            () -> {
              timer = null;
              tracker.enqueue(this, false);
            });
  }

  void callOff() {
    if (timer != null) {
      timer.run();
      timer = null;
    }
  }
}
