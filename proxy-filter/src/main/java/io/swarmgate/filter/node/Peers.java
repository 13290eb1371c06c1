package io.swarmgate.filter.node;

import io.swarmgate.backend.config.PeerAddress;
import io.swarmgate.backend.config.SwarmBackendConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the configured peers are, and who else may connect. Thread-safe. */
final class Peers {
  private static final Logger LOG = LoggerFactory.getLogger(Peers.class);

  /** Least time between two look-ups because of an address that isn't known. */
  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final SwarmBackendConfig config;
  private final AtomicLong nextRefresh = new AtomicLong(System.nanoTime());
  private volatile Set<InetAddress> known = Set.of();

  Peers(SwarmBackendConfig config) {
    this.config = config;
  }

  /** Where they listen now. May ask the DNS. */
  List<InetSocketAddress> resolve() {
    List<InetSocketAddress> all = new ArrayList<>();
    for (PeerAddress peer : config.peers()) {
      try {
        InetAddress[] found = InetAddress.getAllByName(peer.at().host());
        for (int i = 0; i < (peer.everyRecord() ? found.length : 1); i++) {
          all.add(new InetSocketAddress(found[i], peer.at().port()));
        }
      } catch (UnknownHostException e) {
        LOG.debug("peers: no address for {}", peer, e);
      }
    }
    known = all.stream().map(InetSocketAddress::getAddress).collect(Collectors.toSet());
    return all;
  }

  /**
   * Whether an address may be a peer: it is in {@code allow}, or if that is not given, loopback or
   * one of the peers' own. Never asks the DNS itself, for it is called on the event loop: a peer
   * whose address is new is refused at first, and let in when it tries again.
   */
  boolean allows(InetAddress address) {
    if (!config.allow().isEmpty()) {
      return config.allows(address);
    }
    if (address.isLoopbackAddress() || known.contains(address)) {
      return true;
    }
    long due = nextRefresh.get();
    long now = System.nanoTime();
    if (now - due >= 0 && nextRefresh.compareAndSet(due, now + REFRESH_NANOS)) {
      CompletableFuture<Void> unused = CompletableFuture.runAsync(this::resolve);
    }
    return false;
  }
}
