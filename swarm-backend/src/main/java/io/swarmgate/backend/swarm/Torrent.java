package io.swarmgate.backend.swarm;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One torrent, awake. Its state, the picker's and its sessions' has one writer, the loop; the hash
 * pool gets whole pieces and tells the loop what came of them.
 */
final class Torrent {
  private static final long TICK_MILLIS = 50;
  private static final long IDLE_TICK_MILLIS = 5_000;
  private static final long HELD_MILLIS = 20;

  /** What a torrent needs of its engine; called on the loop. */
  interface Host {
    /** Pieces are missing: peers that are not connected should be. */
    void connect(Torrent torrent);

    /** A peer that dialled us has said where it can be dialled itself. */
    void listens(Torrent torrent, PeerId peer, InetSocketAddress address);

    /** Where we can be dialled, as peers are told. */
    int port();

    /**
     * A peer broke the protocol or sent wrong bytes.
     *
     * @param offence what it did, for the log
     */
    void ban(PeerSession peer, String offence);

    /** Counts a block's bytes. */
    void downloaded(long bytes);

    /** What may be sent, all torrents together. */
    UploadLimit uploadLimit();

    /** A connection has joined a torrent. */
    void connected(InetAddress address);

    /** A connection that had joined has ended. */
    void disconnected(InetAddress address);

    /** A peer waits for the upload limit; it is flushed in its turn. */
    void limited(PeerSession peer);
  }

  private final EventLoop loop;
  private final PieceStore store;
  private final Metainfo metainfo;
  private final Host host;
  private final Executor handOff;
  private final PeerId ownId;
  private final PiecePicker picker;
  private final PieceChecks checks;
  private final FillOrder fillOrder;

  /** Of a root seed; null on a node that fetched its pieces. */
  private final @Nullable Holds holds;

  /** How many peers have each piece. */
  private final int[] copies;

  private final List<PeerSession> sessions = new ArrayList<>();
  private final Set<SwarmReader> readers = new HashSet<>();
  private final AtomicBoolean moved = new AtomicBoolean();
  private long downloaded;
  private long uploadedByGone;
  private boolean fill;
  private EventLoop.@Nullable Timer tick;
  private boolean tickIsFast;
  private boolean heldLater;
  private boolean closed;
  private long storeRetryAt;
  private volatile long lastUsed = System.nanoTime();

  Torrent(
      EventLoop loop,
      PieceStore store,
      Host host,
      PieceBuffers buffers,
      Executor hashers,
      Executor handOff,
      PeerId ownId) {
    this.loop = loop;
    this.store = store;
    metainfo = store.metainfo();
    this.host = host;
    this.handOff = handOff;
    this.ownId = ownId;
    int pieceCount = metainfo.layout().pieceCount();
    copies = new int[pieceCount];
    fillOrder = new FillOrder(pieceCount, ownId.hashCode());
    holds = store.isOriginal() ? new Holds() : null;
    picker =
        new PiecePicker(
            metainfo.layout(), buffers, store::has, () -> loop.execute(this::requestAll));
    checks = new PieceChecks(store, picker, loop, hashers, outcome);
    store.onEvicted(pieces -> loop.execute(() -> takeBack(pieces)));
  }

  Metainfo metainfo() {
    return metainfo;
  }

  PieceStore store() {
    return store;
  }

  PiecePicker picker() {
    return picker;
  }

  @Nullable Holds holds() {
    return holds;
  }

  UploadLimit uploadLimit() {
    return host.uploadLimit();
  }

  void limited(PeerSession session) {
    host.limited(session);
  }

  int port() {
    return host.port();
  }

  /** A peer that dialled us listens at a port; of no use to who never misses a piece. */
  void listens(PeerSession session, int port) {
    if (holds == null) {
      InetSocketAddress address = new InetSocketAddress(session.remote().getAddress(), port);
      host.listens(this, session.peerId(), address);
    }
  }

  /** Runs a task on the loop, soon. From any thread. */
  void onLoop(Runnable task) {
    loop.execute(task);
  }

  // Readers; from any thread.

  ContentReader reader(ReadPolicy policy) {
    SwarmReader reader = new SwarmReader(this, store, handOff, policy);
    loop.execute(
        () -> {
          if (closed) {
            reader.fail(new IOException(metainfo.name() + " is no longer served"));
          } else {
            readers.add(reader);
            if (reader.isBlocked()) {
              // The plan that its move asked for may have been made just before, without it.
              plan();
            }
          }
        });
    return reader;
  }

  /** Some reader's position has changed; many calls become one plan. */
  void readerMoved() {
    if (moved.compareAndSet(false, true)) {
      loop.execute(this::plan);
    }
  }

  void readerWaits(SwarmReader reader) {
    loop.execute(
        () -> {
          if (closed || reader.hasFailed() || store.has(reader.piece())) {
            reader.wake();
          } else {
            reader.waitsFrom(System.nanoTime());
            tickLater();
          }
        });
  }

  void readerClosed(SwarmReader reader) {
    loop.execute(
        () -> {
          if (readers.remove(reader)) {
            touch();
            plan();
          }
        });
  }

  void fill(boolean everything) {
    loop.execute(
        () -> {
          fill = everything;
          plan();
        });
  }

  // From here on, on the loop.

  private void plan() {
    moved.set(false);
    if (closed) {
      return;
    }
    List<WantList.Window> windows = new ArrayList<>();
    for (SwarmReader reader : readers) {
      WantList.Window window = reader.hasFailed() ? null : reader.window();
      if (window != null) {
        windows.add(window);
      }
    }
    boolean paused = System.nanoTime() - storeRetryAt < 0;
    List<Integer> rest = fill ? fillOrder.next(picker::isMissing, p -> copies[p]) : List.of();
    picker.want(paused ? WantList.EMPTY : WantList.of(windows, rest, this::isMissing, stripe()));
    if (!picker.isIdle()) {
      host.connect(this);
      tickLater();
    }
    requestAll();
  }

  /**
   * Whether a piece must be fetched; one that only needs its hash checked is sent to be checked.
   */
  private boolean isMissing(int piece) {
    if (!picker.isMissing(piece)) {
      return false;
    }
    if (!store.isUnverified(piece)) {
      return true;
    }
    checks.verify(piece);
    return false;
  }

  private WantList.Stripe stripe() {
    int nodes = 1;
    int share = 0;
    for (PeerSession session : sessions) {
      if (!session.isRoot()) {
        nodes++;
        share += session.peerId().compareTo(ownId) < 0 ? 1 : 0;
      }
    }
    return new WantList.Stripe(share, nodes);
  }

  void requestAll() {
    for (PeerSession session : List.copyOf(sessions)) {
      session.request();
      session.flush();
    }
  }

  /**
   * Takes a new session in, unless the same peer is connected already.
   *
   * @param extensions whether the peer speaks the extension protocol
   */
  void attach(PeerSession session, boolean extensions) {
    for (PeerSession other : List.copyOf(sessions)) {
      if (other.peerId().equals(session.peerId())) {
        // Both sides dialled: both keep the connection that the lower peer id began.
        boolean keepNew = session.wasDialled() == (ownId.compareTo(session.peerId()) < 0);
        if (!keepNew || other.wasDialled() == session.wasDialled()) {
          session.close();
          return;
        }
        other.close();
      }
    }
    if (closed) {
      session.close();
      return;
    }
    sessions.add(session);
    host.connected(session.remote().getAddress());
    picker.add(session);
    session.greet(store.pieces(), extensions);
    tickLater();
  }

  void detach(PeerSession session) {
    picker.remove(session);
    if (sessions.remove(session)) {
      host.disconnected(session.remote().getAddress());
      uploadedByGone += session.status().uploaded();
      session.pieces().stream().forEach(piece -> copies[piece]--);
      touch();
      if (!closed) {
        readerMoved();
      }
    }
  }

  void peerHas(PeerSession session, int piece) {
    copies[piece]++;
    picker.announced(piece, session, System.nanoTime());
  }

  void peerHasSome(BitSet pieces) {
    pieces.stream().forEach(piece -> copies[piece]++);
  }

  void peerLost(int piece) {
    copies[piece]--;
    readerMoved();
  }

  /** Some peer's requests are held for another's sake; they are looked at again, soon. */
  void held() {
    if (!heldLater && !closed) {
      heldLater = true;
      var unused =
          loop.schedule(
              HELD_MILLIS,
              () -> {
                heldLater = false;
                serve();
              });
    }
  }

  /** Of a root seed: who is waiting for the earliest piece is served first. */
  void serve() {
    long now = System.nanoTime();
    List<PeerSession> waiting = new ArrayList<>(sessions);
    waiting.removeIf(session -> session.nextUpload(now) < 0);
    waiting.sort(Comparator.comparingInt(session -> session.nextUpload(now)));
    waiting.forEach(PeerSession::flush);
  }

  void misbehaved(PeerSession session, String offence) {
    host.ban(session, offence);
  }

  void received(int index, int offset, ByteBuffer data, PeerSession from) {
    downloaded += data.remaining();
    host.downloaded(data.remaining());
    long now = System.nanoTime();
    for (SwarmReader reader : readers) {
      if (reader.isBlocked() && reader.piece() == index) {
        reader.waitsFrom(now);
      }
    }
    ActivePiece piece = picker.receive(index, offset, data, from);
    if (piece != null) {
      checks.check(piece);
    }
  }

  private final PieceChecks.Outcome outcome =
      new PieceChecks.Outcome() {
        @Override
        public void stored(int piece) {
          if (closed) {
            return;
          }
          for (PeerSession session : List.copyOf(sessions)) {
            session.announce(piece);
          }
          for (SwarmReader reader : readers) {
            if (reader.piece() == piece) {
              reader.wake();
            }
          }
          plan();
        }

        @Override
        public void absent(int piece) {
          plan();
        }

        @Override
        public void storeFailed() {
          pauseAfterStoreFailure();
          plan();
        }

        @Override
        public void guilty(BlockSource peer) {
          if (peer instanceof PeerSession session) {
            host.ban(session, "it sent wrong bytes of " + metainfo.name());
            session.close();
          }
        }
      };

  private void pauseAfterStoreFailure() {
    storeRetryAt = System.nanoTime() + 1_000_000_000L;
    tickLater();
  }

  CompletionStage<Boolean> offer(int piece, ByteBuffer data) {
    return checks.offer(piece, data);
  }

  private void tickLater() {
    if (closed) {
      return;
    }
    boolean waiting = !picker.isIdle() || readers.stream().anyMatch(SwarmReader::isBlocked);
    if (tick != null) {
      if (!waiting || tickIsFast) {
        return;
      }
      tick.cancel();
    }
    tickIsFast = waiting;
    tick = loop.schedule(waiting ? TICK_MILLIS : IDLE_TICK_MILLIS, this::tick);
  }

  private void tick() {
    tick = null;
    if (closed) {
      return;
    }
    long now = System.nanoTime();
    for (PeerSession session : List.copyOf(sessions)) {
      session.tick(now);
    }
    for (SwarmReader reader : List.copyOf(readers)) {
      reader.checkStall(now);
    }
    if (holds != null) {
      holds.tidy(now);
    }
    if (storeRetryAt != 0 && now - storeRetryAt >= 0) {
      storeRetryAt = 0;
      plan();
    }
    if (!picker.isIdle()) {
      host.connect(this);
      requestAll();
    }
    if (!sessions.isEmpty() || !picker.isIdle() || storeRetryAt != 0) {
      tickLater();
    }
  }

  /** After an eviction: whoever can't be told otherwise gets a new connection, a new bitfield. */
  private void takeBack(BitSet evicted) {
    for (PeerSession session : List.copyOf(sessions)) {
      if (!session.takeBack(evicted)) {
        session.close();
      }
    }
    plan();
  }

  /** Somebody has use for it. From any thread. */
  void touch() {
    lastUsed = System.nanoTime();
  }

  /** Whether nobody has had use for it for that long. */
  boolean isIdleFor(long nanos) {
    return sessions.isEmpty()
        && readers.isEmpty()
        && !fill
        && picker.isIdle()
        && System.nanoTime() - lastUsed > nanos;
  }

  boolean isConnectedTo(InetSocketAddress address) {
    return sessions.stream().anyMatch(s -> s.wasDialled() && s.remote().equals(address));
  }

  boolean isConnectedTo(PeerId peer) {
    return sessions.stream().anyMatch(session -> session.peerId().equals(peer));
  }

  boolean wantsPeers() {
    return !closed && !picker.isIdle();
  }

  boolean hasPeers() {
    return !sessions.isEmpty();
  }

  boolean isClosed() {
    return closed;
  }

  SwarmStatus status() {
    List<SwarmStatus.PeerStatus> peers = sessions.stream().map(PeerSession::status).toList();
    BitSet have = store.pieces();
    long uploaded =
        uploadedByGone + peers.stream().mapToLong(SwarmStatus.PeerStatus::uploaded).sum();
    return new SwarmStatus(
        metainfo.infoHash(),
        metainfo.name(),
        metainfo.layout().pieceCount(),
        have.cardinality(),
        readers.size(),
        uploaded,
        downloaded,
        peers);
  }

  /**
   * Disconnects and fails the readers. The store, whose closing waits for a disk, is left to the
   * caller.
   */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (PeerSession session : List.copyOf(sessions)) {
      session.close();
    }
    picker.clear();
    for (SwarmReader reader : readers) {
      reader.fail(new IOException(metainfo.name() + " is no longer served"));
    }
    readers.clear();
  }
}
