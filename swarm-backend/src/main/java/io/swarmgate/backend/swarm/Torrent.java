package io.swarmgate.backend.swarm;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One torrent, awake. Its state, the picker's and its sessions' has one writer, the loop; the hash
 * pool gets whole pieces and tells the loop what came of them.
 */
final class Torrent {
  private final EventLoop loop;
  private final PieceStore store;
  private final Metainfo metainfo;
  private final TorrentHost host;
  private final Executor handOff;
  private final PiecePicker picker;
  private final PieceChecks checks;
  private final Demand demand;
  private final Sessions sessions;
  private final Ticker ticker;

  /** Of a root seed; null on a node that fetched its pieces. */
  private final @Nullable Holds holds;

  private final AtomicBoolean moved = new AtomicBoolean();
  private long downloaded;
  private boolean closed;
  private volatile long lastUsed = System.nanoTime();

  Torrent(
      EventLoop loop,
      PieceStore store,
      TorrentHost host,
      PieceBuffers buffers,
      Executor hashers,
      Executor handOff,
      PeerId ownId) {
    this.loop = loop;
    this.store = store;
    metainfo = store.metainfo();
    this.host = host;
    this.handOff = handOff;
    int pieceCount = metainfo.layout().pieceCount();
    sessions = new Sessions(loop, ownId, pieceCount);
    holds = store.isOriginal() ? new Holds() : null;
    picker =
        new PiecePicker(
            metainfo.layout(), buffers, store::has, () -> loop.execute(sessions::request));
    checks = new PieceChecks(store, picker, loop, hashers, outcome);
    demand = new Demand(store, picker, checks, new FillOrder(pieceCount, ownId.hashCode()));
    ticker = new Ticker(loop, this::tick);
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

  Sessions sessions() {
    return sessions;
  }

  TorrentHost host() {
    return host;
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
    return new SwarmReader(this, store, handOff, policy);
  }

  /** A reader has polled, and will want more. */
  void readerCame(SwarmReader reader) {
    loop.execute(
        () -> {
          if (closed) {
            reader.fail(noLongerServed());
          } else {
            demand.add(reader);
            if (reader.isBlocked()) {
              // The plan that its move asked for may have been made just before, without it.
              plan();
            }
          }
        });
  }

  private IOException noLongerServed() {
    return new IOException(metainfo.name() + " is no longer served");
  }

  /** Some reader's position has changed; many calls become one plan. */
  void readerMoved() {
    if (moved.compareAndSet(false, true)) {
      loop.execute(this::plan);
    }
  }

  /** A reader's piece is asked for elsewhere. On the loop. */
  void fellBack(int piece, long waitedNanos) {
    host.observer().fellBack(metainfo.name(), piece, Duration.ofNanos(waitedNanos));
  }

  void readerWaits(SwarmReader reader) {
    loop.execute(
        () -> {
          if (closed || reader.hasFailed() || store.has(reader.piece())) {
            reader.wake();
          } else {
            long now = System.nanoTime();
            reader.waitsFrom(now);
            if (!sessions.isAnyBringing(now)) {
              reader.waitsInVain();
            }
            tickLater();
          }
        });
  }

  void readerClosed(SwarmReader reader) {
    loop.execute(
        () -> {
          if (demand.remove(reader)) {
            touch();
            plan();
          }
        });
  }

  void fill(boolean everything) {
    loop.execute(
        () -> {
          demand.fill(everything);
          plan();
        });
  }

  // From here on, on the loop.

  private void plan() {
    moved.set(false);
    if (closed) {
      return;
    }
    picker.want(demand.wants(sessions, System.nanoTime()));
    if (!picker.isIdle()) {
      host.connect(this);
      tickLater();
    }
    sessions.request();
  }

  /**
   * Takes a new session in, unless the same peer is connected already.
   *
   * @param extensions whether the peer speaks the extension protocol
   */
  void attach(PeerSession session, boolean extensions) {
    if (!sessions.makeWayFor(session) || closed) {
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
      touch();
      if (!closed) {
        readerMoved();
      }
    }
  }

  void peerHas(PeerSession session, int piece) {
    sessions.gained(piece);
    picker.announced(piece, session, System.nanoTime());
  }

  void peerHasSome(BitSet pieces) {
    pieces.stream().forEach(sessions::gained);
  }

  void peerLost(int piece) {
    sessions.lost(piece);
    readerMoved();
  }

  void received(int index, int offset, ByteBuffer data, PeerSession from) {
    downloaded += data.remaining();
    host.downloaded(data.remaining());
    demand.received(index, System.nanoTime());
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
          sessions.announce(piece);
          demand.stored(piece);
          plan();
        }

        @Override
        public void absent(int piece) {
          plan();
        }

        @Override
        public void wrong(int piece, String senders) {
          host.observer().pieceFailed(metainfo.name(), piece, senders);
        }

        @Override
        public void storeFailed() {
          demand.pause(System.nanoTime());
          tickLater();
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

  CompletionStage<Boolean> offer(int piece, ByteBuffer data) {
    return checks.offer(piece, data);
  }

  private void tickLater() {
    if (!closed) {
      ticker.tickLater(!picker.isIdle() || demand.hasBlocked());
    }
  }

  private void tick() {
    if (closed) {
      return;
    }
    long now = System.nanoTime();
    sessions.tick(now);
    demand.checkStalls(now);
    if (holds != null) {
      holds.tidy(now);
    }
    if (demand.resumes(now)) {
      plan();
    }
    if (!picker.isIdle()) {
      host.connect(this);
      sessions.request();
    }
    if (!sessions.isEmpty() || !picker.isIdle() || demand.isPaused()) {
      tickLater();
    }
  }

  private void takeBack(BitSet evicted) {
    sessions.takeBack(evicted);
    plan();
  }

  /** Somebody has use for it. From any thread. */
  void touch() {
    lastUsed = System.nanoTime();
  }

  /** Whether nobody has had use for it for that long. */
  boolean isIdleFor(long nanos) {
    return sessions.isEmpty()
        && demand.isEmpty()
        && picker.isIdle()
        && System.nanoTime() - lastUsed > nanos;
  }

  boolean isConnectedTo(InetSocketAddress address) {
    return sessions.has(address);
  }

  boolean isConnectedTo(PeerId peer) {
    return sessions.has(peer);
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

  SwarmDetails details() {
    SwarmStatus status = status();
    return new SwarmDetails(
        metainfo.infoHash(),
        metainfo.name(),
        metainfo.layout(),
        store.pieces(),
        picker.underway(),
        demand.details(),
        sessions.details(),
        status.uploaded(),
        downloaded);
  }

  SwarmStatus status() {
    List<SwarmStatus.PeerStatus> peers = sessions.status();
    BitSet have = store.pieces();
    long uploaded =
        sessions.uploadedByGone()
            + peers.stream().mapToLong(SwarmStatus.PeerStatus::uploaded).sum();
    return new SwarmStatus(
        metainfo.infoHash(),
        metainfo.name(),
        metainfo.layout().pieceCount(),
        have.cardinality(),
        demand.readers(),
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
    sessions.close();
    picker.clear();
    demand.close(noLongerServed());
  }
}
