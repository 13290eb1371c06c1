package io.swarmgate.backend.swarm;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Peers that speak plaintext alone, so that where MSE is preferred they are not dialled in vain
 * first, each time and for each torrent. What is known of one is tried anew after an hour; of too
 * many, the one found out first is forgotten. Owned by the loop.
 */
final class PlainPeers {
  static final int MOST = 1_000;
  static final long NANOS = TimeUnit.HOURS.toNanos(1);

  /** Since when it has been known; the oldest first. */
  private final Map<InetSocketAddress, Long> since = new LinkedHashMap<>();

  /** A plain handshake succeeded; an address that is known already isn't known for longer. */
  void add(InetSocketAddress address, long now) {
    if (since.putIfAbsent(address, now) == null && since.size() > MOST) {
      since.remove(since.keySet().iterator().next());
    }
  }

  void remove(InetSocketAddress address) {
    since.remove(address);
  }

  boolean contains(InetSocketAddress address, long now) {
    Long known = since.get(address);
    if (known != null && now - known >= NANOS) {
      since.remove(address);
      return false;
    }
    return known != null;
  }
}
