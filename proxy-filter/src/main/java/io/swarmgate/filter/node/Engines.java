package io.swarmgate.filter.node;

import io.swarmgate.backend.config.HostPort;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.observe.Observer;
import io.swarmgate.backend.swarm.EngineConfig;
import io.swarmgate.backend.swarm.LoopSwarmEngine;
import io.swarmgate.backend.swarm.SwarmEngine;
import io.swarmgate.backend.swarm.bt.Trackers;
import java.net.InetSocketAddress;

/** Makes the engine that a configuration asks for. */
final class Engines {
  private Engines() {}

  static SwarmEngine of(SwarmBackendConfig config, Observer observer) {
    HostPort listen = config.peer();
    Peers peers = new Peers(config);
    EngineConfig engine =
        EngineConfig.listeningAt(new InetSocketAddress(listen.host(), listen.port()))
            .withPeers(peers::resolve)
            .withAllow(peers::allows)
            .withUploadLimit(config.uploadLimit())
            .withEncryption(config.encryption())
            .withTrackers(Trackers.of(config.trackers()))
            .withObserver(observer);
    HostPort told = config.peerAdvertise().orElse(null);
    return new LoopSwarmEngine(
        told == null
            ? engine
            : engine.withAdvertise(InetSocketAddress.createUnresolved(told.host(), told.port())));
  }
}
