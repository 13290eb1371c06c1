package io.swarmgate.backend.site;

/**
 * What became of a purge.
 *
 * @param files URLs that are forgotten
 * @param pending those among them whose pieces are deleted only when the responses that run have
 *     ended
 */
public record Purged(int files, int pending) {
  /** There was nothing. */
  public static final Purged NOTHING = new Purged(0, 0);

  /** The sum of both. */
  public Purged plus(Purged other) {
    return new Purged(files + other.files, pending + other.pending);
  }
}
