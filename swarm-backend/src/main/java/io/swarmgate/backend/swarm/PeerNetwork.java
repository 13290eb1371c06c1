package io.swarmgate.backend.swarm;

import io.swarmgate.backend.observe.Observer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an engine has from its start to its stop: the loop, the peer port, and who finds peers, lets
 * them in, and lets them send. What a torrent needs is called on the loop; the rest from any
 * thread, but for what says otherwise.
 */
final class PeerNetwork implements TorrentHost {
  private static final Logger LOG = LoggerFactory.getLogger(PeerNetwork.class);
  private static final long GOODBYE_MILLIS = 2_000;

  private final EngineConfig config;
  private final PeerPort peerPort;
  private final PeerId ownId = PeerId.random();
  private final EventLoop loop;
  private final Admission admission;
  private final Reception reception;
  private final Dialer dialer;
  private final @Nullable Announcer announcer;

  /** Where peers are told that we can be dialled. */
  private final int port;

  private final UploadLimit uploadLimit;
  private final UploadTurns uploadTurns;
  private final LongAdder downloaded = new LongAdder();

  private PeerNetwork(
      EngineConfig config,
      PeerPort peerPort,
      Executor pool,
      Obfuscation obfuscation,
      KnownTorrents torrents)
      throws IOException {
    this.config = config;
    this.peerPort = peerPort;
    Announcer.Self self = self();
    port = self.port();
    loop = new EventLoop("swarmgate-peers");
    uploadLimit = new UploadLimit(config.uploadLimit(), System.nanoTime());
    uploadTurns = new UploadTurns(loop, uploadLimit);
    admission = new Admission(config.allow(), config.observer());
    reception = new Reception(loop, pool, ownId, obfuscation, admission, torrents);
    dialer =
        new Dialer(
            loop,
            pool,
            this::allowedPeers,
            admission::mayDial,
            ownId,
            obfuscation,
            reception,
            System::nanoTime);
    announcer =
        config.trackers().isEmpty()
            ? null
            : new Announcer(
                loop,
                (millis, task) -> loop.schedule(millis, task)::cancel,
                config.trackers(),
                self,
                dialer::found,
                System::nanoTime);
  }

  /**
   * Binds the peer port; nothing happens on it before {@link #open}.
   *
   * @param pool opens torrents, asks the DNS
   * @throws IOException if it can't, with the address and the reason in its message
   */
  static PeerNetwork bind(
      EngineConfig config, Executor pool, Obfuscation obfuscation, KnownTorrents torrents)
      throws IOException {
    try {
      PeerPort peerPort = new PeerPort(config.listen());
      try {
        return new PeerNetwork(config, peerPort, pool, obfuscation, torrents);
      } catch (IOException e) {
        peerPort.close();
        throw e;
      }
    } catch (IOException e) {
      throw new IOException(
          "peerPort: expected an address that is free, got \""
              + config.listen()
              + "\" ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  private Announcer.Self self() throws IOException {
    InetSocketAddress told = config.advertise().orElse(null);
    return told == null
        ? new Announcer.Self(ownId, "", address().getPort())
        : new Announcer.Self(ownId, told.getHostString(), told.getPort());
  }

  private List<InetSocketAddress> allowedPeers() {
    return config.peers().get().stream()
        .filter(peer -> !peer.isUnresolved() && config.allow().test(peer.getAddress()))
        .toList();
  }

  /** Starts the loop and takes connections. */
  void open() {
    loop.start();
    loop.execute(() -> peerPort.open(loop, reception));
  }

  /** The address peers connect to. */
  InetSocketAddress address() throws IOException {
    return peerPort.address();
  }

  /** Who may connect. Of the loop. */
  Admission admission() {
    return admission;
  }

  EventLoop loop() {
    return loop;
  }

  PeerId ownId() {
    return ownId;
  }

  /** Tells the announcer on the loop; does nothing where there are no trackers. */
  void tellAnnouncer(Consumer<Announcer> what) {
    Announcer announcing = announcer;
    if (announcing != null) {
      loop.execute(() -> what.accept(announcing));
    }
  }

  /** A torrent sleeps or was removed. On the loop. */
  void forget(Torrent torrent) {
    tellAnnouncer(announcing -> announcing.asleep(torrent));
    dialer.forget(torrent);
  }

  @Override
  public void connect(Torrent torrent) {
    dialer.connect(torrent);
    if (announcer != null) {
      announcer.wanted(torrent);
    }
  }

  @Override
  public void listens(Torrent torrent, PeerId peer, InetSocketAddress address) {
    dialer.introduced(torrent, peer, address);
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void ban(PeerSession peer, String offence) {
    admission.ban(peer, offence);
  }

  @Override
  public void connected(InetAddress address) {
    admission.connected(address);
  }

  @Override
  public void disconnected(InetAddress address) {
    admission.disconnected(address);
  }

  @Override
  public Observer observer() {
    return config.observer();
  }

  @Override
  public UploadLimit uploadLimit() {
    return uploadLimit;
  }

  @Override
  public void limited(PeerSession peer) {
    uploadTurns.add(peer);
  }

  @Override
  public void downloaded(long bytes) {
    downloaded.add(bytes);
  }

  /** Bytes of blocks received from peers since the start. */
  long downloadedBytes() {
    return downloaded.sum();
  }

  /** Gives trackers a moment to be told that we stop; those that are slower find out. */
  void sayGoodbye() {
    Announcer announcing = announcer;
    if (announcing == null) {
      return;
    }
    CompletableFuture<Void> told = new CompletableFuture<>();
    loop.execute(() -> announcing.close().whenComplete((nothing, failure) -> told.complete(null)));
    try {
      told.get(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("Not every tracker was told that we stop", e);
    }
  }

  /** Lets nobody in any more. On the loop, which goes on. */
  void close() {
    peerPort.close();
    admission.close();
  }
}
