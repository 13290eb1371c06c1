package io.swarmgate.filter.node;

import io.swarmgate.backend.config.HostPort;
import io.swarmgate.backend.config.PeerAddress;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.swarm.EngineConfig;
import io.swarmgate.backend.swarm.LoopSwarmEngine;
import io.swarmgate.backend.swarm.SwarmEngine;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the engine that a node's configuration asks for. */
final class Engines {
  private static final Logger LOG = LoggerFactory.getLogger(Engines.class);

  private Engines() {}

  static SwarmEngine of(SwarmBackendConfig config) {
    HostPort listen = config.peer();
    return new LoopSwarmEngine(
        new EngineConfig(
            new InetSocketAddress(listen.host(), listen.port()),
            () -> resolve(config.peers()),
            address -> config.allow().stream().anyMatch(cidr -> cidr.contains(address)),
            EngineConfig.DEFAULT_PIECE_MEMORY));
  }

  /** Asks the DNS: one address of a plain name, every one of a {@code dns:} name. */
  private static List<InetSocketAddress> resolve(List<PeerAddress> peers) {
    List<InetSocketAddress> resolved = new ArrayList<>();
    for (PeerAddress peer : peers) {
      int port = peer.at().port();
      try {
        InetAddress[] all = InetAddress.getAllByName(peer.at().host());
        Arrays.stream(all)
            .limit(peer.everyRecord() ? all.length : 1)
            .forEach(address -> resolved.add(new InetSocketAddress(address, port)));
      } catch (UnknownHostException e) {
        LOG.warn("Peer {}: expected a host name that resolves, got {}", peer, e.getMessage());
      }
    }
    return resolved;
  }
}
