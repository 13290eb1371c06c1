package io.swarmgate.filter.node;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.InvalidMetainfoException;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.swarm.Swarm;
import io.swarmgate.backend.swarm.SwarmEngine;
import io.swarmgate.backend.swarm.SwarmStatus;
import java.util.List;
import java.util.function.Supplier;

/** In the engine's place until there is one: knows no peers. */
final class StandIn implements SwarmEngine {
  static final MetainfoCodec CODEC =
      new MetainfoCodec() {
        @Override
        public Metainfo decode(byte[] encoded) throws InvalidMetainfoException {
          throw new InvalidMetainfoException("no codec");
        }

        @Override
        public Metainfo encode(
            String name, PieceLayout layout, byte[] hashes, byte[] sha256, byte[] secret) {
          throw new IllegalStateException("no codec");
        }
      };

  @Override
  public void start() {}

  @Override
  public void add(InfoHash infoHash, Supplier<PieceStore> store) {}

  @Override
  public Swarm join(InfoHash infoHash) {
    throw new IllegalStateException("no engine");
  }

  @Override
  public void remove(InfoHash infoHash) {}

  @Override
  public List<SwarmStatus> status() {
    return List.of();
  }

  @Override
  public long uploaded() {
    return 0;
  }

  @Override
  public long downloaded() {
    return 0;
  }

  @Override
  public void close() {}
}
