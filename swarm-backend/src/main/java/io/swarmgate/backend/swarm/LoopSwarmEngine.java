package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The engine: one event loop for all connections and torrents, a pool that hashes and stores, and a
 * hand-off pool on which readers wake. An idle engine uses no CPU.
 */
public final class LoopSwarmEngine implements SwarmEngine {
  private final EngineConfig config;
  private final PieceBuffers buffers;
  private final ExecutorService hashers;
  private final ExecutorService handOff;
  private final Obfuscation obfuscation;
  private final KnownTorrents torrents =
      new KnownTorrents(() -> network().loop(), this::awaken, this::fellAsleep);
  private final LongAdder uploadedByRemoved = new LongAdder();
  private @Nullable PeerNetwork network;
  private volatile boolean closed;

  public LoopSwarmEngine(EngineConfig config) {
    this.config = config;
    buffers = new PieceBuffers(config.pieceMemory());
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
    PeerNetwork started = PeerNetwork.bind(config, hashers, obfuscation, torrents);
    network = started;
    for (InfoHash infoHash : torrents.infoHashes()) {
      started.tellAnnouncer(announcing -> announcing.add(infoHash));
    }
    started.open();
  }

  private PeerNetwork network() {
    PeerNetwork started = network;
    if (started == null) {
      throw new IllegalStateException("the engine has not been started");
    }
    return started;
  }

  /** The address peers connect to, once started. */
  public InetSocketAddress address() throws IOException {
    PeerNetwork started = network;
    if (started == null) {
      throw new IOException("the engine has not been started");
    }
    return started.address();
  }

  @Override
  public void add(InfoHash infoHash, Supplier<PieceStore> store) {
    if (torrents.add(infoHash, store)) {
      obfuscation.torrents().add(infoHash);
      if (network != null) {
        network.tellAnnouncer(announcing -> announcing.add(infoHash));
      }
    }
  }

  private Torrent awaken(PieceStore pieces) {
    PeerNetwork peers = network();
    Torrent torrent =
        new Torrent(peers.loop(), pieces, peers, buffers, hashers, handOff, peers.ownId());
    peers.tellAnnouncer(announcing -> announcing.awake(torrent));
    return torrent;
  }

  private void fellAsleep(Torrent torrent) {
    close(torrent);
    hashers.execute(() -> torrent.store().close());
  }

  /** On the loop; the store is left to the caller, since its closing waits for a disk. */
  private void close(Torrent torrent) {
    uploadedByRemoved.add(torrent.status().uploaded());
    torrent.close();
    network().forget(torrent);
  }

  @Override
  public Swarm join(InfoHash infoHash) {
    Known torrent = torrents.find(infoHash);
    if (torrent == null) {
      throw new IllegalStateException("torrent " + infoHash + " is not known");
    }
    Torrent unused = torrent.wake();
    return torrent;
  }

  @Override
  public @Nullable Swarm joinAwake(InfoHash infoHash) {
    Known torrent = torrents.find(infoHash);
    return torrent != null && torrent.touchAwake() ? torrent : null;
  }

  @Override
  public void remove(InfoHash infoHash) {
    obfuscation.torrents().remove(infoHash);
    Torrent torrent = torrents.remove(infoHash);
    if (network != null) {
      network.tellAnnouncer(announcing -> announcing.remove(infoHash));
    }
    if (torrent != null) {
      network().loop().await(() -> close(torrent));
      torrent.store().close();
    }
  }

  @Override
  public List<SwarmStatus> status() {
    List<SwarmStatus> all = new ArrayList<>();
    if (network != null && !closed) {
      network.loop().await(() -> torrents.awake().forEach(torrent -> all.add(torrent.status())));
    }
    return List.copyOf(all);
  }

  @Override
  public List<SwarmDetails> details() {
    List<SwarmDetails> all = new ArrayList<>();
    onLoop(peers -> torrents.awake().forEach(torrent -> all.add(torrent.details())));
    return List.copyOf(all);
  }

  @Override
  public List<Ban> bans() {
    List<Ban> all = new ArrayList<>();
    onLoop(peers -> all.addAll(peers.admission().bans()));
    return List.copyOf(all);
  }

  @Override
  public void ban(InetAddress address, Duration time, String reason) {
    onLoop(
        peers -> {
          peers.admission().ban(address, time, reason);
          torrents.awake().forEach(torrent -> torrent.sessions().closeFrom(address));
        });
  }

  @Override
  public boolean unban(InetAddress address) {
    AtomicBoolean was = new AtomicBoolean();
    onLoop(peers -> was.set(peers.admission().unban(address)));
    return was.get();
  }

  /** Does something on the loop and waits for it; nothing unless the engine runs. */
  private void onLoop(Consumer<PeerNetwork> what) {
    PeerNetwork started = network;
    if (started != null && !closed) {
      started.loop().await(() -> what.accept(started));
    }
  }

  @Override
  public long uploaded() {
    return uploadedByRemoved.sum() + status().stream().mapToLong(SwarmStatus::uploaded).sum();
  }

  @Override
  public long downloaded() {
    return network == null ? 0 : network.downloadedBytes();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    PeerNetwork started = network;
    if (started != null) {
      started.sayGoodbye();
      started
          .loop()
          .await(
              () -> {
                started.close();
                torrents.awake().forEach(Torrent::close);
              });
      started.loop().close();
      torrents.awake().forEach(torrent -> torrent.store().close());
    }
    hashers.shutdown();
    handOff.shutdown();
  }
}
