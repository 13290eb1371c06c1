package io.swarmgate.backend.swarm;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait between announces, whatever a tracker says or fails to say. */
final class AnnouncePauses {
  /** Whatever a tracker says, it is not asked again sooner than this, nor much later. */
  private static final Duration SHORTEST = Duration.ofSeconds(30);

  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(30);

  /** Least time between announces where the tracker names none, as with UDP. */
  private static final Duration DEFAULT_MIN_INTERVAL = Duration.ofMinutes(1);

  private AnnouncePauses() {}

  /** Least time until a torrent may be announced again. */
  static Duration least(Announced announced) {
    return bounded(announced.minInterval(), DEFAULT_MIN_INTERVAL);
  }

  /** Time until a torrent is announced again though nothing has happened. */
  static Duration usual(Announced announced) {
    Duration interval = bounded(announced.interval(), DEFAULT_INTERVAL);
    Duration least = least(announced);
    return interval.compareTo(least) < 0 ? least : interval;
  }

  private static Duration bounded(Duration told, Duration otherwise) {
    Duration duration = told.isZero() ? otherwise : told;
    if (duration.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
  }

  /**
   * Milliseconds until a refused torrent is tried again.
   *
   * @param before what this said when it was refused last; 0 if it wasn't
   */
  static long afterRefusal(long before) {
    return before == 0 ? DEFAULT_MIN_INTERVAL.toMillis() : Math.min(LONGEST.toMillis(), 2 * before);
  }

  /** Milliseconds until a tracker is tried again that has failed so many times in a row. */
  static long afterFailures(int failures) {
    int doublings = Math.min(failures - 1, 10);
    return Math.min(LONGEST.toMillis(), SHORTEST.toMillis() << doublings);
  }

  /** At least as long, so that no tracker is asked too soon; at most a tenth longer. */
  static long jittered(long millis) {
    return millis + ThreadLocalRandom.current().nextLong(millis / 10 + 1);
  }
}
