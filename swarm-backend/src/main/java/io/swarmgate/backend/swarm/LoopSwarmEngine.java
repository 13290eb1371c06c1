package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine: one event loop for all connections and torrents, a pool that hashes and stores, and a
 * hand-off pool on which readers wake. An idle engine uses no CPU.
 */
public final class LoopSwarmEngine implements SwarmEngine {
  private static final Logger LOG = LoggerFactory.getLogger(LoopSwarmEngine.class);
  private static final int READ_BUFFER = 512 << 10;
  private static final int MAX_PENDING = 512;
  static final int MAX_PENDING_PER_ADDRESS = 128;

  /** Two nodes hold a connection for each torrent that they share at the moment. */
  private static final int MAX_CONNECTIONS_PER_ADDRESS = 2_000;

  private static final int MAX_CONNECTIONS = 8_000;
  private static final long SLEEP_AFTER_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long SWEEP_MILLIS = 20_000;
  private static final long GOODBYE_MILLIS = 2_000;

  private final EngineConfig config;
  private final PeerId ownId = PeerId.random();
  private final PieceBuffers buffers;
  private final ExecutorService hashers;
  private final ExecutorService handOff;
  private final Obfuscation obfuscation;
  private final Map<InfoHash, Known> known = new ConcurrentHashMap<>();
  private final LongAdder downloaded = new LongAdder();
  private final LongAdder uploadedByRemoved = new LongAdder();

  private final Map<InetAddress, Integer> pendingIncoming = new HashMap<>();
  private final Map<InetAddress, Integer> connections = new HashMap<>();
  private final PeerReputation reputation = new PeerReputation();
  private final UploadLimit uploadLimit;
  private final Set<PeerSession> limited = new LinkedHashSet<>();
  private boolean sweeping;
  private final Set<PendingPeer> pending = new HashSet<>();
  private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BUFFER);

  private @Nullable EventLoop loop;
  private @Nullable Dialer dialer;
  private @Nullable Announcer announcer;
  private @Nullable ServerSocketChannel server;

  /** Where peers are told that we can be dialled. */
  private int port;

  private volatile boolean closed;

  private final TorrentHost host =
      new TorrentHost() {
        @Override
        public void connect(Torrent torrent) {
          if (dialer != null) {
            dialer.connect(torrent);
          }
          if (announcer != null) {
            announcer.wanted(torrent);
          }
        }

        @Override
        public void listens(Torrent torrent, PeerId peer, InetSocketAddress address) {
          if (dialer != null) {
            dialer.introduced(torrent, peer, address);
          }
        }

        @Override
        public int port() {
          return port;
        }

        @Override
        public void ban(PeerSession peer, String offence) {
          InetAddress address = peer.remote().getAddress();
          long now = System.nanoTime();
          if (reputation.isBanned(address, peer.peerId(), now)) {
            LOG.debug("Peer {} is banned already: {}", peer, offence);
            return;
          }
          Duration time = reputation.ban(address, peer.peerId(), now);
          LOG.warn("Peer {} is banned for {} min: {}", peer, time.toMinutes(), offence);
        }

        @Override
        public UploadLimit uploadLimit() {
          return uploadLimit;
        }

        @Override
        public void limited(PeerSession peer) {
          boolean first = limited.isEmpty();
          limited.add(peer);
          if (first) {
            flushLater();
          }
        }

        @Override
        public void connected(InetAddress address) {
          connections.merge(address, 1, Integer::sum);
        }

        @Override
        public void disconnected(InetAddress address) {
          connections.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
        }

        @Override
        public void downloaded(long bytes) {
          downloaded.add(bytes);
        }
      };

  public LoopSwarmEngine(EngineConfig config) {
    this.config = config;
    buffers = new PieceBuffers(config.pieceMemory());
    uploadLimit = new UploadLimit(config.uploadLimit(), System.nanoTime());
    int cores = Runtime.getRuntime().availableProcessors();
    hashers = Executors.newFixedThreadPool(Math.max(2, cores), threads("swarmgate-hash"));
    obfuscation = new Obfuscation(config.encryption(), new MseTorrents(), hashers);
    handOff = Executors.newFixedThreadPool(Math.max(2, cores), threads("swarmgate-wake"));
  }

  private static ThreadFactory threads(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public void start() throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(config.listen(), 256);
      EventLoop newLoop = new EventLoop("swarmgate-peers");
      loop = newLoop;
      Dialer newDialer =
          new Dialer(
              newLoop,
              hashers,
              this::allowedPeers,
              address ->
                  config.allow().test(address) && !reputation.isBanned(address, System.nanoTime()),
              ownId,
              obfuscation,
              handshakes,
              System::nanoTime);
      dialer = newDialer;
      server = channel;
      Announcer.Self self = self(channel);
      port = self.port();
      if (!config.trackers().isEmpty()) {
        announcer =
            new Announcer(
                newLoop,
                (millis, task) -> newLoop.schedule(millis, task)::cancel,
                config.trackers(),
                self,
                newDialer::found,
                System::nanoTime);
      }
      newLoop.start();
      known.keySet().forEach(infoHash -> tellAnnouncer(announcing -> announcing.add(infoHash)));
    } catch (IOException e) {
      channel.close();
      throw new IOException(
          "peerPort: expected an address that is free, got \""
              + config.listen()
              + "\" ("
              + e.getMessage()
              + ")",
          e);
    }
    loop()
        .execute(
            () -> {
              try {
                loop().register(channel, SelectionKey.OP_ACCEPT, acceptor);
              } catch (IOException e) {
                LOG.error("The peer port accepts no connections", e);
              }
            });
  }

  private Announcer.Self self(ServerSocketChannel channel) throws IOException {
    InetSocketAddress told = config.advertise().orElse(null);
    return told == null
        ? new Announcer.Self(ownId, "", ((InetSocketAddress) channel.getLocalAddress()).getPort())
        : new Announcer.Self(ownId, told.getHostString(), told.getPort());
  }

  /** Tells the announcer on the loop; does nothing where there are no trackers. */
  private void tellAnnouncer(Consumer<Announcer> what) {
    Announcer announcing = announcer;
    if (announcing != null) {
      loop().execute(() -> what.accept(announcing));
    }
  }

  /** The address peers connect to, once started. */
  public InetSocketAddress address() throws IOException {
    ServerSocketChannel channel = server;
    if (channel == null) {
      throw new IOException("the engine has not been started");
    }
    return (InetSocketAddress) channel.getLocalAddress();
  }

  private EventLoop loop() {
    EventLoop started = loop;
    if (started == null) {
      throw new IllegalStateException("the engine has not been started");
    }
    return started;
  }

  private List<InetSocketAddress> allowedPeers() {
    return config.peers().get().stream()
        .filter(peer -> !peer.isUnresolved() && config.allow().test(peer.getAddress()))
        .toList();
  }

  private final EventLoop.ChannelHandler acceptor =
      new EventLoop.ChannelHandler() {
        @Override
        public void ready(SelectionKey key) throws IOException {
          ServerSocketChannel listening = (ServerSocketChannel) key.channel();
          for (SocketChannel channel = listening.accept();
              channel != null;
              channel = listening.accept()) {
            accept(channel);
          }
        }

        @Override
        public void failed(Exception cause) {
          LOG.warn("A peer's connection could not be accepted: {}", cause.getMessage());
        }
      };

  private void accept(SocketChannel channel) throws IOException {
    InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
    InetAddress address = remote.getAddress();
    if (!config.allow().test(address)
        || reputation.isBanned(address, System.nanoTime())
        || isCrowded(address)
        || pending.size() >= MAX_PENDING
        || pendingIncoming.getOrDefault(address, 0) >= MAX_PENDING_PER_ADDRESS) {
      LOG.debug("Peer {} is refused", remote);
      channel.close();
      return;
    }
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    pendingIncoming.merge(address, 1, Integer::sum);
    pending.add(PendingPeer.accepted(loop(), channel, remote, obfuscation, handshakes));
  }

  private boolean isCrowded(InetAddress address) {
    int all = connections.values().stream().mapToInt(Integer::intValue).sum();
    return all >= MAX_CONNECTIONS
        || connections.getOrDefault(address, 0) >= MAX_CONNECTIONS_PER_ADDRESS;
  }

  /** Lets those that the upload limit keeps waiting send in turn, as soon as it allows. */
  private void flushLater() {
    var unused =
        loop()
            .schedule(
                uploadLimit.waitMillis(System.nanoTime()),
                () -> {
                  List<PeerSession> turn = List.copyOf(limited);
                  limited.clear();
                  for (PeerSession peer : turn) {
                    peer.flush();
                  }
                });
  }

  private final PendingPeer.Listener handshakes =
      new PendingPeer.Listener() {
        @Override
        public void shookHands(PendingPeer peer, Handshake theirs) {
          forget(peer);
          Known torrent = known.get(theirs.infoHash());
          if (torrent == null
              || theirs.peerId().equals(ownId)
              || reputation.isBanned(peer.remote().getAddress(), theirs.peerId(), System.nanoTime())
              || !peer.expects(theirs.infoHash())) {
            peer.fail(
                new IOException("its handshake is for nothing we have: " + theirs.infoHash()));
            return;
          }
          // Opening the pieces reads the disk, so it happens on a pool.
          hashers.execute(() -> wakeFor(torrent, peer, theirs));
        }

        @Override
        public void failed(PendingPeer peer, Exception cause) {
          forget(peer);
          LOG.debug("No handshake with {}: {}", peer.remote(), cause.getMessage());
        }
      };

  private void wakeFor(Known torrent, PendingPeer peer, Handshake theirs) {
    try {
      Torrent awake = torrent.wake();
      loop().execute(() -> join(awake, peer, theirs));
    } catch (RuntimeException e) {
      LOG.warn("Torrent {} can't be opened: {}", theirs.infoHash(), e.getMessage());
      loop().execute(() -> peer.fail(e));
    }
  }

  private void join(Torrent torrent, PendingPeer peer, Handshake theirs) {
    if (torrent.isClosed()) {
      peer.fail(new IOException("the torrent was removed"));
      return;
    }
    try {
      if (!peer.wasDialled()) {
        peer.send(Handshake.ours(theirs.infoHash(), ownId));
      }
      torrent.attach(peer.promote(torrent, theirs.peerId(), readBuffer), theirs.extensions());
    } catch (IOException e) {
      peer.fail(e);
    }
  }

  private void forget(PendingPeer peer) {
    if (pending.remove(peer)) {
      pendingIncoming.computeIfPresent(
          peer.remote().getAddress(), (address, count) -> count == 1 ? null : count - 1);
    }
  }

  @Override
  public void add(InfoHash infoHash, Supplier<PieceStore> store) {
    if (known.putIfAbsent(infoHash, new Known(store, this::awaken)) == null) {
      obfuscation.torrents().add(infoHash);
      tellAnnouncer(announcing -> announcing.add(infoHash));
    }
  }

  private Torrent awaken(PieceStore pieces) {
    loop().execute(this::sweepLater);
    Torrent torrent = new Torrent(loop(), pieces, host, buffers, hashers, handOff, ownId);
    tellAnnouncer(announcing -> announcing.awake(torrent));
    return torrent;
  }

  /** As long as anything is awake, looks from time to time for what may sleep. */
  private void sweepLater() {
    if (!sweeping) {
      sweeping = true;
      var unused = loop().schedule(SWEEP_MILLIS, this::sweep);
    }
  }

  private void sweep() {
    sweeping = false;
    boolean awake = false;
    for (Known entry : known.values()) {
      Torrent idle = entry.fallAsleep(SLEEP_AFTER_NANOS);
      if (idle != null) {
        close(idle);
        hashers.execute(() -> idle.store().close());
      } else {
        awake |= entry.isAwake();
      }
    }
    if (awake) {
      sweepLater();
    }
  }

  private void close(Torrent torrent) {
    uploadedByRemoved.add(torrent.status().uploaded());
    torrent.close();
    tellAnnouncer(announcing -> announcing.asleep(torrent));
    if (dialer != null) {
      dialer.forget(torrent);
    }
  }

  @Override
  public Swarm join(InfoHash infoHash) {
    Known torrent = known.get(infoHash);
    if (torrent == null) {
      throw new IllegalStateException("torrent " + infoHash + " is not known");
    }
    Torrent unused = torrent.wake();
    return torrent;
  }

  @Override
  public void remove(InfoHash infoHash) {
    obfuscation.torrents().remove(infoHash);
    Known entry = known.remove(infoHash);
    Torrent torrent = entry == null ? null : entry.remove();
    tellAnnouncer(announcing -> announcing.remove(infoHash));
    if (torrent != null) {
      onLoop(() -> close(torrent));
      torrent.store().close();
    }
  }

  /** Runs a task on the loop and waits for it. */
  private void onLoop(Runnable task) {
    EventLoop running = loop();
    if (running.isCurrent()) {
      task.run();
      return;
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    running.execute(
        () -> {
          try {
            task.run();
          } finally {
            done.complete(null);
          }
        });
    try {
      done.get(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The peer loop did not answer in time", e);
    }
  }

  private List<Torrent> awake() {
    List<Torrent> torrents = new ArrayList<>();
    for (Known entry : known.values()) {
      Torrent torrent = entry.awake();
      if (torrent != null) {
        torrents.add(torrent);
      }
    }
    return torrents;
  }

  @Override
  public List<SwarmStatus> status() {
    List<SwarmStatus> all = new ArrayList<>();
    if (loop != null && !closed) {
      onLoop(() -> awake().forEach(torrent -> all.add(torrent.status())));
    }
    return List.copyOf(all);
  }

  @Override
  public long uploaded() {
    return uploadedByRemoved.sum() + status().stream().mapToLong(SwarmStatus::uploaded).sum();
  }

  @Override
  public long downloaded() {
    return downloaded.sum();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (loop != null) {
      sayGoodbye();
      onLoop(
          () -> {
            try {
              if (server != null) {
                server.close();
              }
            } catch (IOException e) {
              LOG.debug("Closing the peer port", e);
            }
            List.copyOf(pending).forEach(peer -> peer.fail(new IOException("the engine stops")));
            awake().forEach(Torrent::close);
          });
      loop.close();
      awake().forEach(torrent -> torrent.store().close());
    }
    hashers.shutdown();
    handOff.shutdown();
  }

  /** Gives trackers a moment to be told that we stop; those that are slower find out. */
  private void sayGoodbye() {
    Announcer announcing = announcer;
    if (announcing == null) {
      return;
    }
    CompletableFuture<Void> told = new CompletableFuture<>();
    loop()
        .execute(() -> announcing.close().whenComplete((nothing, failure) -> told.complete(null)));
    try {
      told.get(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("Not every tracker was told that we stop", e);
    }
  }
}
