package io.swarmgate.backend.swarm.bt;

import bt.net.Peer;
import bt.tracker.CompactPeerInfo;
import bt.tracker.CompactPeerInfo.AddressType;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Peers in compact form: address and port, 6 bytes each (BEP 23) or 18 (BEP 7). */
final class CompactPeers {
  static final int SIZE_4 = 6;
  static final int SIZE_6 = 18;

  private CompactPeers() {}

  /** IPv4 peers; a part of one at the end, and those without a port, are left out. */
  static List<InetSocketAddress> ipv4(byte[] compact) {
    return read(compact, SIZE_4, AddressType.IPV4);
  }

  /** The same of IPv6. */
  static List<InetSocketAddress> ipv6(byte[] compact) {
    return read(compact, SIZE_6, AddressType.IPV6);
  }

  private static List<InetSocketAddress> read(byte[] compact, int size, AddressType type) {
    byte[] whole = Arrays.copyOf(compact, compact.length - compact.length % size);
    List<InetSocketAddress> peers = new ArrayList<>();
    for (Peer peer : new CompactPeerInfo(whole, type)) {
      if (peer.getPort() > 0 && !peer.getInetAddress().isAnyLocalAddress()) {
        peers.add(new InetSocketAddress(peer.getInetAddress(), peer.getPort()));
      }
    }
    return peers;
  }
}
