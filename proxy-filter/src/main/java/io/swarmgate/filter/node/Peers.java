package io.swarmgate.filter.node;

import io.swarmgate.backend.config.PeerAddress;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.system.Workers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the configured peers are, and who else may connect. Thread-safe. */
final class Peers {
  private static final Logger LOG = LoggerFactory.getLogger(Peers.class);

  /** Least time between two look-ups because of an address that isn't known. */
  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Finds a name's addresses, at least one. */
  interface Resolver {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  private final SwarmBackendConfig config;
  private final Resolver resolver;

  /** Its threads may wait as long as the DNS takes; they end when there is nothing to do. */
  private final Executor lookUps;

  private final Map<PeerAddress, List<InetSocketAddress>> last = new ConcurrentHashMap<>();
  private final AtomicBoolean refreshing = new AtomicBoolean();
  private volatile long nextRefresh = System.nanoTime();
  private volatile Set<InetAddress> known = Set.of();

  Peers(SwarmBackendConfig config) {
    this(config, InetAddress::getAllByName, Workers.pool("dns", 1));
  }

  Peers(SwarmBackendConfig config, Resolver resolver, Executor lookUps) {
    this.config = config;
    this.resolver = resolver;
    this.lookUps = lookUps;
  }

  /**
   * Where they listen now. May ask the DNS; a name that has no answer at the moment stands for the
   * addresses it had last.
   */
  List<InetSocketAddress> resolve() {
    List<InetSocketAddress> all = new ArrayList<>();
    for (PeerAddress peer : config.peers()) {
      try {
        last.put(peer, lookUp(peer));
      } catch (UnknownHostException e) {
        LOG.debug("peers: no address for {}", peer, e);
      }
      all.addAll(last.getOrDefault(peer, List.of()));
    }
    known = all.stream().map(InetSocketAddress::getAddress).collect(Collectors.toSet());
    return all;
  }

  private List<InetSocketAddress> lookUp(PeerAddress peer) throws UnknownHostException {
    InetAddress[] found = resolver.addresses(peer.at().host());
    return Arrays.stream(found)
        .limit(peer.everyRecord() ? found.length : 1)
        .map(address -> new InetSocketAddress(address, peer.at().port()))
        .toList();
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
    if (System.nanoTime() - nextRefresh >= 0 && refreshing.compareAndSet(false, true)) {
      lookUps.execute(this::refresh);
    }
    return false;
  }

  private void refresh() {
    try {
      List<InetSocketAddress> unused = resolve();
    } finally {
      nextRefresh = System.nanoTime() + REFRESH_NANOS;
      refreshing.set(false);
    }
  }
}
