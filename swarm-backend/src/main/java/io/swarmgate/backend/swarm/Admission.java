package io.swarmgate.backend.swarm;

import io.swarmgate.backend.observe.Observer;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may connect, and be connected to: nobody whom the configuration doesn't allow, nobody who is
 * banned, and no more connections than there is room for, in all and from one address. Owned by the
 * loop.
 */
final class Admission {
  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
  private static final int MAX_PENDING = 512;
  static final int MAX_PENDING_PER_ADDRESS = 128;

  /** Two nodes hold a connection for each torrent that they share at the moment. */
  private static final int MAX_CONNECTIONS_PER_ADDRESS = 2_000;

  private static final int MAX_CONNECTIONS = 8_000;

  private final Predicate<InetAddress> allow;
  private final Observer observer;
  private final PeerReputation reputation = new PeerReputation();

  /** Those that dialled us and haven't shaken hands. */
  private final Set<PendingPeer> pending = new HashSet<>();

  private final Map<InetAddress, Integer> pendingByAddress = new HashMap<>();

  /** Sessions, whoever dialled. */
  private final Map<InetAddress, Integer> connections = new HashMap<>();

  /**
   * @param allow which addresses may connect and be connected to
   */
  Admission(Predicate<InetAddress> allow) {
    this(allow, Observer.NONE);
  }

  Admission(Predicate<InetAddress> allow, Observer observer) {
    this.allow = allow;
    this.observer = observer;
  }

  /** Whether an address may be dialled. */
  boolean mayDial(InetAddress address) {
    return allow.test(address) && !reputation.isBanned(address, System.nanoTime());
  }

  /** Whether a connection from an address may be taken in. */
  boolean mayEnter(InetAddress address) {
    return mayDial(address)
        && !isCrowded(address)
        && pending.size() < MAX_PENDING
        && pendingByAddress.getOrDefault(address, 0) < MAX_PENDING_PER_ADDRESS;
  }

  private boolean isCrowded(InetAddress address) {
    int all = connections.values().stream().mapToInt(Integer::intValue).sum();
    return all >= MAX_CONNECTIONS
        || connections.getOrDefault(address, 0) >= MAX_CONNECTIONS_PER_ADDRESS;
  }

  /** A peer that dialled us was taken in; it hasn't shaken hands. */
  void entered(PendingPeer peer) {
    pending.add(peer);
    pendingByAddress.merge(peer.remote().getAddress(), 1, Integer::sum);
  }

  /** A peer has shaken hands, or failed to; does nothing if it is one that we dialled. */
  void shaken(PendingPeer peer) {
    if (pending.remove(peer)) {
      oneLess(pendingByAddress, peer.remote().getAddress());
    }
  }

  /** A connection has joined a torrent. */
  void connected(InetAddress address) {
    connections.merge(address, 1, Integer::sum);
  }

  /** A connection that had joined has ended. */
  void disconnected(InetAddress address) {
    oneLess(connections, address);
  }

  private static void oneLess(Map<InetAddress, Integer> counts, InetAddress address) {
    counts.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
  }

  boolean isBanned(InetAddress address, PeerId peer) {
    return reputation.isBanned(address, peer, System.nanoTime());
  }

  /**
   * Bans a peer for a time.
   *
   * @param offence what it did, for the log
   */
  void ban(PeerSession peer, String offence) {
    InetAddress address = peer.remote().getAddress();
    long now = System.nanoTime();
    if (reputation.isBanned(address, peer.peerId(), now)) {
      LOG.debug("Peer {} is banned already: {}", peer, offence);
      return;
    }
    Duration time = reputation.ban(address, peer.peerId(), now);
    LOG.warn("Peer {} is banned for {} min: {}", peer, time.toMinutes(), offence);
    observer.banned(peer.toString(), time, offence);
  }

  /** Bans everyone at an address for a time, as an operator wants it. */
  void ban(InetAddress address, Duration time, String reason) {
    reputation.ban(address, time, System.nanoTime());
    LOG.warn("{} is banned for {} min: {}", address.getHostAddress(), time.toMinutes(), reason);
    observer.banned(address.getHostAddress(), time, reason);
  }

  /** Ends every ban of an address, and of peers there; false if there is none. */
  boolean unban(InetAddress address) {
    return reputation.pardon(address, System.nanoTime());
  }

  /** The bans that last. */
  List<Ban> bans() {
    return reputation.bans(System.nanoTime());
  }

  /** Gives up those that haven't shaken hands. */
  void close() {
    List.copyOf(pending).forEach(peer -> peer.fail(new IOException("the engine stops")));
  }
}
