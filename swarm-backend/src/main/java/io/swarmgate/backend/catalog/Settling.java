package io.swarmgate.backend.catalog;

import io.swarmgate.backend.system.FileGuard;
import java.time.Duration;
import java.time.Instant;

/**
 * Says whether a file has stopped growing. Pure.
 *
 * @param quiet how long a file must not change before it is hashed
 */
record Settling(Duration quiet) {
  static final Settling DEFAULT = new Settling(Duration.ofSeconds(2));

  /**
   * Whether a file has been quiet long enough.
   *
   * @param guard what it looks like now
   * @param firstSeen when it was first seen like this
   */
  boolean isSettled(FileGuard guard, Instant firstSeen, Instant now) {
    // The times alone tells, for files that were there before us; where the clocks of file system
    // and node disagree, watching does.
    Instant latest = guard.modified().isAfter(guard.changed()) ? guard.modified() : guard.changed();
    boolean old = !latest.plus(quiet).isAfter(now);
    return old || !firstSeen.plus(quiet).isAfter(now);
  }
}
