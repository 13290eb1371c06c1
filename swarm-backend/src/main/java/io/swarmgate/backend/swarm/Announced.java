package io.swarmgate.backend.swarm;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * A tracker's answer.
 *
 * @param peers others of the swarm, perhaps ourselves too
 * @param interval how long to wait before the next regular announce; zero if it said nothing
 * @param minInterval how long to wait at least; zero if it said nothing
 */
public record Announced(List<InetSocketAddress> peers, Duration interval, Duration minInterval) {
  public Announced {
    peers = List.copyOf(peers);
  }
}
