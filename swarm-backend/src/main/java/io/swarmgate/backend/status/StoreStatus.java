package io.swarmgate.backend.status;

import org.jspecify.annotations.Nullable;

/**
 * A node's store at one moment.
 *
 * @param used bytes of pieces on disk, those of evicted extents that are still mapped among them
 * @param max the quota in bytes
 * @param lingering bytes of evicted extents that are still mapped
 * @param trouble why pieces can't be kept, in one line; null if they can
 * @param scrub the latest scrub; null if there was none since the start
 */
public record StoreStatus(
    long used, long max, long lingering, @Nullable String trouble, @Nullable ScrubStatus scrub) {
  /**
   * A run through the store that hashes what is there again.
   *
   * @param running whether it is under way
   * @param checked pieces looked at
   * @param damaged those among them that were found damaged, and are absent now
   * @param total pieces that were there when it began
   */
  public record ScrubStatus(boolean running, long checked, long damaged, long total) {}
}
