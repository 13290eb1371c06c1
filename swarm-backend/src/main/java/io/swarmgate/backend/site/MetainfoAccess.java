package io.swarmgate.backend.site;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.config.Cidr;
import io.swarmgate.backend.config.PeerAddress;
import io.swarmgate.backend.config.SwarmBackendConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides who is given metainfo: with a secret, whoever shows the token; without, addresses in
 * {@code allow}, or loopback and the peers' own where that is not set. Thread-safe; may block on a
 * name server.
 */
public final class MetainfoAccess {
  private static final Logger LOG = LoggerFactory.getLogger(MetainfoAccess.class);

  /** How long peers' addresses are taken from the last look-up. */
  private static final Duration LOOKUP = Duration.ofSeconds(30);

  private final SwarmBackendConfig config;
  private final Clock clock;
  private volatile @Nullable Peers peers;

  private record Peers(List<Cidr> blocks, Instant until) {}

  public MetainfoAccess(SwarmBackendConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  /** Whether the sender of this request may have metainfo. */
  public boolean allows(RequestView view) {
    if (!config.secret().isEmpty()) {
      String token = view.field(MetainfoToken.FIELD);
      String authority = view.field("Host");
      return token != null
          && authority != null
          && MetainfoToken.matches(token, config.secret(), authority);
    }
    return Cidr.address(view.clientAddress()).filter(this::allows).isPresent();
  }

  private boolean allows(InetAddress client) {
    List<Cidr> blocks = config.allow().isEmpty() ? peers().blocks : config.allow();
    return blocks.stream().anyMatch(block -> block.contains(client));
  }

  private Peers peers() {
    Peers known = peers;
    Instant now = clock.instant();
    if (known == null || known.until.isBefore(now)) {
      // Two threads may look up at once; either answer will do.
      known = new Peers(lookUp(), now.plus(LOOKUP));
      peers = known;
    }
    return known;
  }

  private List<Cidr> lookUp() {
    List<Cidr> blocks = new ArrayList<>(List.of(Cidr.LOOPBACK_4, Cidr.LOOPBACK_6));
    for (PeerAddress peer : config.peers()) {
      try {
        for (InetAddress address : InetAddress.getAllByName(peer.at().host())) {
          blocks.add(Cidr.of(address));
        }
      } catch (UnknownHostException e) {
        LOG.warn("peers: expected a host that resolves, got {} ({})", peer, e.toString());
      }
    }
    return blocks;
  }
}
