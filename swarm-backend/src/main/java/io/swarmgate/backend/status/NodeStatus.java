package io.swarmgate.backend.status;

import io.swarmgate.backend.swarm.SwarmStatus;
import java.util.List;

/**
 * A node at one moment.
 *
 * @param enabled whether it serves anything
 * @param running whether it was started and not yet closed
 * @param sites its sites, in the order configured
 * @param swarms the torrents that are awake
 * @param uploaded bytes of blocks sent to peers since the start
 * @param downloaded bytes of blocks received from peers since the start
 */
public record NodeStatus(
    boolean enabled,
    boolean running,
    List<SiteStatus> sites,
    List<SwarmStatus> swarms,
    long uploaded,
    long downloaded) {

  /** Bytes of content that came from origins since the start, over all sites. */
  public long fromOrigins() {
    return sites.stream().mapToLong(site -> site.passedThrough() + site.fetchedPieces()).sum();
  }
}
