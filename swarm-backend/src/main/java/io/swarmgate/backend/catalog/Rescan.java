package io.swarmgate.backend.catalog;

import java.time.Duration;

/**
 * Says when a document root is looked through again. Pure.
 *
 * @param watched time between two looks if the file system tells of changes, which network file
 *     systems don't of other machines'
 * @param unwatched the same if it doesn't
 */
record Rescan(Duration watched, Duration unwatched) {
  static final Rescan DEFAULT = new Rescan(Duration.ofMinutes(1), Duration.ofSeconds(5));

  /** A look takes at most a part in so many of the time. */
  private static final int SHARE = 20;

  /**
   * The time from the end of a look to the next.
   *
   * @param complete whether every directory is watched
   * @param took how long the look has taken
   */
  Duration after(boolean complete, Duration took) {
    Duration usual = complete ? watched : unwatched;
    Duration least = took.multipliedBy(SHARE - 1);
    return usual.compareTo(least) > 0 ? usual : least;
  }
}
