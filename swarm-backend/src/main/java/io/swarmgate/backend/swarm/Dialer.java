package io.swarmgate.backend.swarm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects torrents that miss pieces to the swarm's other nodes: those configured, those that
 * trackers named, and those that dialled us and said where they listen. Each once, again after a
 * failure with a growing, jittered pause; a connection that lasted starts the pauses anew. What is
 * remembered of an address goes with the address. Owned by the loop; configured names are resolved
 * on a pool, again every 30 s while there is demand.
 */
final class Dialer {
  private static final Logger LOG = LoggerFactory.getLogger(Dialer.class);
  private static final long RESOLVE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 15_000;

  /** A connection that was made this long ago was no failure, whatever became of it. */
  private static final long LASTING_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Most peers kept for a torrent of those that are not configured. */
  private static final int MAX_FOUND = 50;

  /** A peer that isn't configured is dropped when it couldn't be reached for so long. */
  private static final long UNREACHABLE_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** What came of dialling an address for a torrent. */
  private static final class Attempt {
    private boolean pending;
    private long pauseMillis;
    private long pausedUntil;
    private long lastShake;
    private @Nullable PeerId peer;

    /** When the failures since the last handshake began; null while there are none. */
    private @Nullable Long failingSince;
  }

  /** A torrent's peers that are not configured, and its attempts. */
  private static final class Targets {
    private final Set<InetSocketAddress> found = new LinkedHashSet<>();
    private final Map<InetSocketAddress, Attempt> attempts = new HashMap<>();
  }

  private final EventLoop loop;
  private final Executor pool;
  private final Supplier<List<InetSocketAddress>> peers;
  private final Predicate<InetAddress> allow;
  private final PeerId ownId;
  private final Obfuscation obfuscation;
  private final PendingPeer.Listener listener;
  private final LongSupplier nanoTime;
  private final Map<Torrent, Targets> torrents = new HashMap<>();
  private final Set<InetSocketAddress> ourselves = new HashSet<>();
  private final PlainPeers plainPeers = new PlainPeers();
  private List<InetSocketAddress> known = List.of();
  private boolean resolving;
  private @Nullable Long resolvedAt;

  /**
   * Takes where peers are, and who is told of connections.
   *
   * @param peers the configured ones; called on the pool, may ask the DNS
   * @param allow which addresses may be dialled; called on the loop
   * @param nanoTime the clock, as {@link System#nanoTime}
   */
  Dialer(
      EventLoop loop,
      Executor pool,
      Supplier<List<InetSocketAddress>> peers,
      Predicate<InetAddress> allow,
      PeerId ownId,
      Obfuscation obfuscation,
      PendingPeer.Listener listener,
      LongSupplier nanoTime) {
    this.loop = loop;
    this.pool = pool;
    this.peers = peers;
    this.allow = allow;
    this.ownId = ownId;
    this.obfuscation = obfuscation;
    this.listener = listener;
    this.nanoTime = nanoTime;
  }

  /** Dials every peer a torrent is not connected to, but those that are paused. */
  void connect(Torrent torrent) {
    if (torrent.isClosed()) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (resolvedAt == null || now - resolvedAt > RESOLVE_NANOS) {
      resolve(torrent);
    }
    Targets targets = torrents.computeIfAbsent(torrent, absent -> new Targets());
    for (InetSocketAddress address : known) {
      connect(torrent, targets, address, now);
    }
    for (InetSocketAddress address : List.copyOf(targets.found)) {
      if (isUnreachable(targets.attempts.get(address), now)) {
        LOG.debug("Peer {} was unreachable for too long, it is forgotten", address);
        targets.found.remove(address);
        forgetUnknown(targets);
      } else if (!known.contains(address)) {
        connect(torrent, targets, address, now);
      }
    }
  }

  private static boolean isUnreachable(@Nullable Attempt attempt, long now) {
    return attempt != null
        && !attempt.pending
        && attempt.failingSince != null
        && now - attempt.failingSince > UNREACHABLE_NANOS;
  }

  private void connect(Torrent torrent, Targets targets, InetSocketAddress address, long now) {
    Attempt attempt = targets.attempts.computeIfAbsent(address, absent -> new Attempt());
    if (attempt.pending
        || ourselves.contains(address)
        || torrent.isConnectedTo(address)
        || (attempt.peer != null && torrent.isConnectedTo(attempt.peer))
        || !allow.test(address.getAddress())) {
      return;
    }
    if (attempt.peer != null && now - attempt.lastShake > LASTING_NANOS) {
      attempt.peer = null;
      attempt.pauseMillis = 0;
      attempt.pausedUntil = now;
    }
    if (attempt.pauseMillis == 0 || now - attempt.pausedUntil >= 0) {
      dial(torrent, address, attempt, now);
    }
  }

  /** Peers that a tracker named for a torrent. */
  void found(Torrent torrent, List<InetSocketAddress> addresses) {
    if (torrent.isClosed()) {
      return;
    }
    Targets targets = torrents.computeIfAbsent(torrent, absent -> new Targets());
    addresses.forEach(address -> add(targets, address));
    if (torrent.wantsPeers()) {
      connect(torrent);
    }
  }

  /**
   * A peer that dialled us, and is connected, listens at an address: that is dialled should the
   * peer go while it is needed. Nodes of which only one is configured to know the other need this.
   */
  void introduced(Torrent torrent, PeerId peer, InetSocketAddress address) {
    if (torrent.isClosed() || known.contains(address)) {
      return;
    }
    Targets targets = torrents.computeIfAbsent(torrent, absent -> new Targets());
    if (add(targets, address)) {
      Attempt attempt = targets.attempts.computeIfAbsent(address, absent -> new Attempt());
      attempt.peer = peer;
      attempt.lastShake = nanoTime.getAsLong();
    }
  }

  /** Adds a peer that isn't configured, if it is new, allowed, and there is room. */
  private boolean add(Targets targets, InetSocketAddress address) {
    return !address.isUnresolved()
        && !ourselves.contains(address)
        && !targets.found.contains(address)
        && allow.test(address.getAddress())
        && hasRoom(targets)
        && targets.found.add(address);
  }

  /** Makes room by forgetting a peer that can't be reached now, if there is one. */
  private static boolean hasRoom(Targets targets) {
    if (targets.found.size() < MAX_FOUND) {
      return true;
    }
    for (InetSocketAddress address : targets.found) {
      Attempt attempt = targets.attempts.get(address);
      if (attempt != null && !attempt.pending && attempt.failingSince != null) {
        targets.found.remove(address);
        return true;
      }
    }
    return false;
  }

  private void resolve(Torrent torrent) {
    if (resolving) {
      return;
    }
    resolving = true;
    pool.execute(
        () -> {
          List<InetSocketAddress> resolved;
          try {
            resolved = List.copyOf(peers.get());
          } catch (RuntimeException e) {
            LOG.warn("Where the peers are could not be found out", e);
            resolved = null;
          }
          List<InetSocketAddress> addresses = resolved;
          loop.execute(() -> resolved(addresses, torrent));
        });
  }

  private void resolved(@Nullable List<InetSocketAddress> addresses, Torrent torrent) {
    resolving = false;
    resolvedAt = nanoTime.getAsLong();
    if (addresses != null && !addresses.equals(known)) {
      known = addresses;
      torrents.values().forEach(this::forgetUnknown);
      ourselves.removeIf(address -> !isKnown(address));
    }
    connect(torrent);
  }

  private boolean isKnown(InetSocketAddress address) {
    return known.contains(address)
        || torrents.values().stream().anyMatch(targets -> targets.found.contains(address));
  }

  private void forgetUnknown(Targets targets) {
    targets
        .attempts
        .keySet()
        .removeIf(address -> !known.contains(address) && !targets.found.contains(address));
  }

  private void dial(Torrent torrent, InetSocketAddress address, Attempt attempt, long now) {
    dial(torrent, address, attempt, now, plainPeers.contains(address, now));
  }

  private void dial(
      Torrent torrent, InetSocketAddress address, Attempt attempt, long now, boolean plain) {
    attempt.pending = true;
    pause(attempt, now);
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.connect(address);
      Handshake ours = Handshake.ours(torrent.metainfo().infoHash(), ownId);
      PendingPeer.dialled(
          loop,
          channel,
          address,
          ours,
          plain,
          obfuscation,
          listenerFor(torrent, address, attempt, plain));
    } catch (IOException | RuntimeException e) {
      failed(address, attempt, e);
      closeQuietly(channel);
    }
  }

  private static void closeQuietly(@Nullable SocketChannel channel) {
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("Closing a connection", e);
    }
  }

  private PendingPeer.Listener listenerFor(
      Torrent torrent, InetSocketAddress address, Attempt attempt, boolean plain) {
    return new PendingPeer.Listener() {
      @Override
      public void shookHands(PendingPeer peer, Handshake theirs) {
        attempt.pending = false;
        attempt.failingSince = null;
        if (plain) {
          plainPeers.add(address, nanoTime.getAsLong());
        }
        if (theirs.peerId().equals(ownId)) {
          ourselves.add(address);
        } else {
          // The pause stays: a peer that closes right away must not be dialled in a loop.
          attempt.peer = theirs.peerId();
          attempt.lastShake = nanoTime.getAsLong();
        }
        listener.shookHands(peer, theirs);
      }

      @Override
      public void failed(PendingPeer peer, Exception cause) {
        Dialer.this.failed(address, attempt, cause);
        listener.failed(peer, cause);
        if (plain) {
          // It may have changed, or been replaced by one that speaks MSE.
          plainPeers.remove(address);
        }
        if (peer.mayFallBack() && !torrent.isClosed()) {
          dial(torrent, address, attempt, nanoTime.getAsLong(), true);
        }
      }
    };
  }

  private void failed(InetSocketAddress address, Attempt attempt, Exception cause) {
    attempt.pending = false;
    if (attempt.failingSince == null) {
      attempt.failingSince = nanoTime.getAsLong();
    }
    LOG.debug("Peer {} can't be reached: {}", address, cause.getMessage());
  }

  private static void pause(Attempt attempt, long now) {
    attempt.pauseMillis =
        attempt.pauseMillis == 0
            ? FIRST_PAUSE_MILLIS
            : Math.min(LONGEST_PAUSE_MILLIS, 2 * attempt.pauseMillis);
    long jittered =
        attempt.pauseMillis / 2 + ThreadLocalRandom.current().nextLong(attempt.pauseMillis);
    attempt.pausedUntil = now + TimeUnit.MILLISECONDS.toNanos(jittered);
  }

  /** Forgets a torrent: what trackers named for it, and its attempts. */
  void forget(Torrent torrent) {
    torrents.remove(torrent);
    ourselves.removeIf(address -> !isKnown(address));
  }

  /** How many addresses something is remembered of, all torrents. */
  int remembered() {
    return ourselves.size()
        + torrents.values().stream()
            .mapToInt(targets -> targets.attempts.size() + targets.found.size())
            .sum();
  }
}
