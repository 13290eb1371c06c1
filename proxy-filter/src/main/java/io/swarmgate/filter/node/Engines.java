package io.swarmgate.filter.node;

import io.swarmgate.backend.config.HostPort;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.swarm.EngineConfig;
import io.swarmgate.backend.swarm.LoopSwarmEngine;
import io.swarmgate.backend.swarm.SwarmEngine;
import java.net.InetSocketAddress;

/** Makes the engine that a configuration asks for. */
final class Engines {
  private Engines() {}

  static SwarmEngine of(SwarmBackendConfig config) {
    HostPort listen = config.peer();
    Peers peers = new Peers(config);
    return new LoopSwarmEngine(
        EngineConfig.listeningAt(new InetSocketAddress(listen.host(), listen.port()))
            .withPeers(peers::resolve)
            .withAllow(peers::allows)
            .withEncryption(config.encryption()));
  }
}
