package io.swarmgate.backend.swarm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects torrents that miss pieces to the swarm's other nodes: each once, again after a failure
 * with a growing, jittered pause. Owned by the loop; addresses are resolved on a pool.
 */
final class Dialer {
  private static final Logger LOG = LoggerFactory.getLogger(Dialer.class);
  private static final long RESOLVE_NANOS = 30_000_000_000L;
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 15_000;

  private record Target(Torrent torrent, InetSocketAddress address) {}

  private record Pause(long until, long millis) {}

  private final EventLoop loop;
  private final Executor pool;
  private final Supplier<List<InetSocketAddress>> peers;
  private final PeerId ownId;
  private final Obfuscation obfuscation;
  private final PendingPeer.Listener listener;
  private final Set<Target> pending = new HashSet<>();
  private final Map<Target, Pause> pauses = new HashMap<>();
  private final Set<InetSocketAddress> ourselves = new HashSet<>();
  private List<InetSocketAddress> known = List.of();
  private boolean resolving;
  private long resolvedAt;

  Dialer(
      EventLoop loop,
      Executor pool,
      Supplier<List<InetSocketAddress>> peers,
      PeerId ownId,
      Obfuscation obfuscation,
      PendingPeer.Listener listener) {
    this.loop = loop;
    this.pool = pool;
    this.peers = peers;
    this.ownId = ownId;
    this.obfuscation = obfuscation;
    this.listener = listener;
  }

  /** Dials every peer a torrent is not connected to, but those that are paused. */
  void connect(Torrent torrent) {
    long now = System.nanoTime();
    if (resolvedAt == 0 || now - resolvedAt > RESOLVE_NANOS) {
      resolve(torrent);
    }
    for (InetSocketAddress address : known) {
      Target target = new Target(torrent, address);
      Pause pause = pauses.get(target);
      if (!ourselves.contains(address)
          && !pending.contains(target)
          && !torrent.isConnectedTo(address)
          && (pause == null || now - pause.until >= 0)) {
        dial(target, false);
      }
    }
  }

  private void resolve(Torrent torrent) {
    if (resolving) {
      return;
    }
    resolving = true;
    pool.execute(
        () -> {
          List<InetSocketAddress> resolved = peers.get();
          loop.execute(
              () -> {
                resolving = false;
                resolvedAt = System.nanoTime();
                known = List.copyOf(resolved);
                if (!torrent.isClosed()) {
                  connect(torrent);
                }
              });
        });
  }

  private void dial(Target target, boolean plain) {
    pending.add(target);
    pause(target);
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.connect(target.address);
      Handshake ours = new Handshake(target.torrent.metainfo().infoHash(), ownId);
      PendingPeer.dialled(
          loop, channel, target.address, ours, plain, obfuscation, listenerFor(target));
    } catch (IOException | RuntimeException e) {
      pending.remove(target);
      LOG.debug("Peer {} can't be dialled: {}", target.address, e.getMessage());
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

  private PendingPeer.Listener listenerFor(Target target) {
    return new PendingPeer.Listener() {
      @Override
      public void shookHands(PendingPeer peer, Handshake theirs) {
        pending.remove(target);
        if (theirs.peerId().equals(ownId)) {
          ourselves.add(target.address);
        } else {
          pauses.remove(target);
        }
        listener.shookHands(peer, theirs);
      }

      @Override
      public void failed(PendingPeer peer, Exception cause) {
        pending.remove(target);
        LOG.debug("Peer {} can't be reached: {}", target.address, cause.getMessage());
        listener.failed(peer, cause);
        if (peer.mayFallBack() && !target.torrent.isClosed()) {
          dial(target, true);
        }
      }
    };
  }

  private void pause(Target target) {
    Pause before = pauses.get(target);
    long millis =
        before == null ? FIRST_PAUSE_MILLIS : Math.min(LONGEST_PAUSE_MILLIS, 2 * before.millis);
    long jittered = millis / 2 + ThreadLocalRandom.current().nextLong(millis);
    pauses.put(target, new Pause(System.nanoTime() + jittered * 1_000_000, millis));
  }

  /** Forgets a torrent's attempts. */
  void forget(Torrent torrent) {
    pauses.keySet().removeIf(target -> target.torrent == torrent);
  }
}
