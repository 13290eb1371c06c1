package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.testing.Ports;
import io.swarmgate.backend.testing.TestCodec;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real sockets on loopback, and a clock that only the test moves. */
class DialerTest {
  private final AtomicLong clock = new AtomicLong(1);
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger lookUps = new AtomicInteger();
  private final List<Closeable> resources = new ArrayList<>();
  private final PeerId id = PeerId.random();
  private volatile List<InetSocketAddress> peers = List.of();
  private volatile boolean nothingAllowed;
  private volatile boolean lookUpFails;
  private EventLoop loop;
  private Dialer dialer;
  private Torrent torrent;

  /** Gives up each connection as soon as it is made, and counts. */
  private final PendingPeer.Listener hangingUp =
      new PendingPeer.Listener() {
        @Override
        public void shookHands(PendingPeer peer, Handshake theirs) {
          peer.fail(new IOException("hung up"));
          ended.incrementAndGet();
        }

        @Override
        public void failed(PendingPeer peer, Exception cause) {
          ended.incrementAndGet();
        }
      };

  @BeforeEach
  void start() throws IOException {
    loop = new EventLoop("test-loop");
    loop.start();
    resources.add(loop::close);
    Metainfo metainfo = TestCodec.metainfo("content.bin", new byte[100_000], 16 << 10);
    torrent =
        new Torrent(
            loop,
            new MemoryStore(metainfo),
            new QuietHost(),
            new PieceBuffers(1 << 20),
            Runnable::run,
            Runnable::run,
            id);
    dialer = dialer(Encryption.OFF);
  }

  private Dialer dialer(Encryption encryption) {
    return new Dialer(
        loop,
        Runnable::run,
        () -> {
          lookUps.incrementAndGet();
          if (lookUpFails) {
            throw new IllegalStateException("no name server");
          }
          return peers;
        },
        address -> !nothingAllowed,
        id,
        new Obfuscation(encryption, new MseTorrents(), Runnable::run),
        hangingUp,
        clock::get);
  }

  @AfterEach
  void stop() throws IOException {
    for (Closeable resource : resources) {
      resource.close();
    }
  }

  @Test
  void aPeerThatClosesRightAfterItsHandshakeIsDialledLessAndLess() throws Exception {
    Remote remote = new Remote();
    peers = List.of(remote.address());
    connect();
    awaitEnded(1);
    connect();
    assertThat(remote.dialled).hasValue(1);

    long end = clock.get() + TimeUnit.SECONDS.toNanos(120);
    await()
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
              connect();
              return clock.get() >= end;
            });
    assertThat(remote.dialled.get()).isBetween(4, 30);
  }

  @Test
  void aPeerThatIsAwayIsDialledAgainAfterAPause() throws Exception {
    InetSocketAddress away = closedPort();
    peers = List.of(away);
    connect();
    awaitEnded(1);
    connect();
    assertThat(ended).hasValue(1);
    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(300));
    connect();
    awaitEnded(2);
  }

  @Test
  void namesAreLookedUpAgainEvery30SecondsWhileThereIsDemand() throws Exception {
    connect();
    clock.addAndGet(TimeUnit.SECONDS.toNanos(29));
    connect();
    assertThat(lookUps).hasValue(1);
    clock.addAndGet(TimeUnit.SECONDS.toNanos(2));
    connect();
    assertThat(lookUps).hasValue(2);
  }

  @Test
  void anAddressThatDisappearsIsDialledNoMoreAndForgotten() throws Exception {
    Remote remote = new Remote();
    peers = List.of(remote.address());
    connect();
    awaitEnded(1);
    assertThat(remembered()).isPositive();

    peers = List.of();
    clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
    connect();
    // That look-up was begun by a call that still knew the old address.
    awaitEnded(2);
    for (int i = 0; i < 20; i++) {
      clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
      connect();
    }
    assertThat(remote.dialled).hasValue(2);
    assertThat(remembered()).isZero();
  }

  @Test
  void anAddressThatAppearsIsDialled() throws Exception {
    connect();
    Remote remote = new Remote();
    peers = List.of(remote.address());
    clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
    connect();
    awaitEnded(1);
    assertThat(remote.dialled).hasValue(1);
  }

  @Test
  void aLookUpThatBreaksKeepsTheAddressesAndIsTriedAgain() throws Exception {
    Remote remote = new Remote();
    peers = List.of(remote.address());
    connect();
    awaitEnded(1);
    lookUpFails = true;
    for (int i = 0; i < 3; i++) {
      clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
      connect();
      awaitEnded(2 + i);
    }
    assertThat(lookUps.get()).isGreaterThan(2);
    assertThat(remote.dialled).hasValue(4);
  }

  @Test
  void aPeerThatATrackerNamedIsDialledIfAllowed() throws Exception {
    Remote remote = new Remote();
    nothingAllowed = true;
    found(List.of(remote.address()));
    connect();
    assertThat(remembered()).isZero();
    nothingAllowed = false;
    found(List.of(remote.address()));
    connect();
    awaitEnded(1);
    assertThat(remote.dialled).hasValue(1);
  }

  @Test
  void atMostFiftyPeersOfTrackersAreKept() throws Exception {
    List<InetSocketAddress> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(new InetSocketAddress("127.0.0.1", 1 + i));
    }
    found(many);
    assertThat(remembered()).isEqualTo(50);
  }

  @Test
  void aPeerOfATrackerThatStaysUnreachableIsDropped() throws Exception {
    found(List.of(closedPort()));
    connect();
    awaitEnded(1);
    clock.addAndGet(TimeUnit.MINUTES.toNanos(9));
    connect();
    awaitEnded(2);
    assertThat(remembered()).isPositive();
    clock.addAndGet(TimeUnit.MINUTES.toNanos(2));
    connect();
    assertThat(ended).hasValue(2);
    assertThat(remembered()).isZero();
  }

  @Test
  void nothingIsRememberedOfATorrentThatWasForgotten() throws Exception {
    Remote remote = new Remote();
    peers = List.of(remote.address());
    found(List.of(closedPort()));
    connect();
    awaitEnded(2);
    onLoop(
        () -> {
          dialer.forget(torrent);
          return null;
        });
    assertThat(remembered()).isZero();
  }

  @Test
  void aPeerThatSpeaksPlaintextAloneIsNotDialledWithMseEachTime() throws Exception {
    dialer = dialer(Encryption.PREFER);
    Remote remote = new Remote();
    peers = List.of(remote.address());
    connect();
    // An attempt with MSE, one without.
    awaitEnded(2);
    assertThat(remote.dialled).hasValue(2);

    clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
    connect();
    awaitEnded(3);
    assertThat(remote.dialled).hasValue(3);

    clock.addAndGet(PlainPeers.NANOS);
    connect();
    awaitEnded(5);
    assertThat(remote.dialled).hasValue(5);
  }

  @Test
  void aPeerThatNoLongerSpeaksPlaintextIsDialledWithMseAgain() throws Exception {
    dialer = dialer(Encryption.PREFER);
    Remote remote = new Remote();
    peers = List.of(remote.address());
    connect();
    awaitEnded(2);
    remote.speaksPlaintext = false;
    clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
    connect();
    awaitEnded(3);
    assertThat(remote.begunWithMse).hasValue(1);
    clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
    connect();
    awaitEnded(5);
    assertThat(remote.begunWithMse).hasValue(2);
  }

  @Test
  void aPeerThatDialledUsIsDialledOnceItHasGone() throws Exception {
    Remote remote = new Remote();
    PeerId peer = PeerId.random();
    onLoop(
        () -> {
          dialer.introduced(torrent, peer, remote.address());
          return null;
        });
    assertThat(remembered()).isPositive();
    connect();
    awaitEnded(1);
    assertThat(remote.dialled).hasValue(1);
  }

  @Test
  void aPeerThatDialledUsIsNotDialledWhereThatIsNotAllowed() throws Exception {
    Remote remote = new Remote();
    nothingAllowed = true;
    onLoop(
        () -> {
          dialer.introduced(torrent, PeerId.random(), remote.address());
          return null;
        });
    assertThat(remembered()).isZero();
  }

  private void connect() throws Exception {
    onLoop(
        () -> {
          dialer.connect(torrent);
          return null;
        });
    // What a look-up brings comes as a further task.
    onLoop(() -> null);
  }

  private void found(List<InetSocketAddress> addresses) throws Exception {
    onLoop(
        () -> {
          dialer.found(torrent, addresses);
          return null;
        });
  }

  private int remembered() throws Exception {
    return onLoop(dialer::remembered);
  }

  private <T> T onLoop(Supplier<T> task) throws Exception {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.execute(() -> done.complete(task.get()));
    return done.get(60, TimeUnit.SECONDS);
  }

  private void awaitEnded(int count) {
    await().until(() -> ended.get() == count);
  }

  private static InetSocketAddress closedPort() throws IOException {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.free());
  }

  /** A peer that answers each plain handshake, and counts. */
  private final class Remote {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger dialled = new AtomicInteger();
    private final AtomicInteger begunWithMse = new AtomicInteger();
    private volatile boolean speaksPlaintext = true;

    Remote() throws IOException {
      resources.add(server);
      Thread thread = new Thread(this::serve, "test-remote");
      thread.setDaemon(true);
      thread.start();
    }

    InetSocketAddress address() {
      return (InetSocketAddress) server.getLocalSocketAddress();
    }

    private void serve() {
      ByteBuffer answer = Handshake.ours(torrent.metainfo().infoHash(), PeerId.random()).encode();
      while (!server.isClosed()) {
        try (Socket socket = server.accept()) {
          dialled.incrementAndGet();
          byte[] first = socket.getInputStream().readNBytes(Handshake.SIZE);
          boolean plain = Handshake.isPlain(ByteBuffer.wrap(first));
          if (!plain) {
            begunWithMse.incrementAndGet();
          }
          if (!plain || !speaksPlaintext) {
            continue;
          }
          socket.getOutputStream().write(answer.array());
          socket.getInputStream().read();
        } catch (IOException e) {
          // The next one, if the test still runs.
        }
      }
    }
  }
}
