package io.swarmgate.backend.swarm;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One torrent, awake. Its state, the picker's and its sessions' has one writer, the loop; the hash
 * pool gets whole pieces and tells the loop what came of them.
 */
final class Torrent implements Swarm {
  private static final Logger LOG = LoggerFactory.getLogger(Torrent.class);
  private static final long TICK_MILLIS = 50;
  private static final long IDLE_TICK_MILLIS = 5_000;
  private static final int FILL_AHEAD = 64;

  /** What a torrent needs of its engine; called on the loop. */
  interface Host {
    /** Pieces are missing: peers that are not connected should be. */
    void connect(Torrent torrent);

    /** A peer broke the protocol or sent wrong bytes. */
    void ban(PeerSession peer);

    /** Counts a block's bytes. */
    void downloaded(long bytes);
  }

  private final EventLoop loop;
  private final PieceStore store;
  private final Metainfo metainfo;
  private final Host host;
  private final Executor hashers;
  private final Executor handOff;
  private final PeerId ownId;
  private final PiecePicker picker;

  private final List<PeerSession> sessions = new ArrayList<>();
  private final Set<SwarmReader> readers = new HashSet<>();
  private final AtomicBoolean moved = new AtomicBoolean();
  private long downloaded;
  private long uploadedByGone;
  private boolean fill;
  private EventLoop.@Nullable Timer tick;
  private boolean tickIsFast;
  private boolean closed;
  private long storeRetryAt;

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
    this.hashers = hashers;
    this.handOff = handOff;
    this.ownId = ownId;
    picker = new PiecePicker(metainfo.layout(), buffers, store::has);
    store.onEvicted(pieces -> loop.execute(this::reconnectAll));
  }

  @Override
  public Metainfo metainfo() {
    return metainfo;
  }

  PieceStore store() {
    return store;
  }

  PiecePicker picker() {
    return picker;
  }

  // Readers; from any thread.

  @Override
  public ContentReader reader(ReadPolicy policy) {
    SwarmReader reader = new SwarmReader(this, store, handOff, policy);
    loop.execute(
        () -> {
          if (closed) {
            reader.fail(new IOException(metainfo.name() + " is no longer served"));
          } else {
            readers.add(reader);
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
            reader.waitingSince = System.nanoTime();
            tickLater();
          }
        });
  }

  void readerClosed(SwarmReader reader) {
    loop.execute(
        () -> {
          if (readers.remove(reader)) {
            plan();
          }
        });
  }

  @Override
  public void fill(boolean everything) {
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
    if (fill) {
      windows.add(fillWindow());
    }
    boolean paused = System.nanoTime() - storeRetryAt < 0;
    picker.want(paused ? WantList.EMPTY : WantList.of(windows, this::isMissing, stripe()));
    if (!picker.isIdle()) {
      host.connect(this);
      tickLater();
    }
    requestAll();
  }

  private WantList.Window fillWindow() {
    int count = metainfo.layout().pieceCount();
    int first = 0;
    while (first < count && store.has(first)) {
      first++;
    }
    return new WantList.Window(
        Math.min(first, count - 1), Math.min(count, first + FILL_AHEAD), false);
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
    picker.check(piece);
    hashers.execute(
        () -> {
          boolean right;
          try {
            right = store.verify(piece);
          } catch (IOException e) {
            LOG.warn(
                "Piece {} of {} can't be read back: {}", piece, metainfo.name(), e.getMessage());
            right = false;
          }
          boolean verified = right;
          loop.execute(() -> checked(piece, verified));
        });
    return false;
  }

  private WantList.Stripe stripe() {
    int nodes = 1;
    int share = 0;
    for (PeerSession session : sessions) {
      if (session.pieces().cardinality() < metainfo.layout().pieceCount()) {
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

  /** Takes a new session in, unless the same peer is connected already. */
  void attach(PeerSession session) {
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
    session.greet(store.pieces());
    tickLater();
  }

  void detach(PeerSession session) {
    picker.release(session);
    if (sessions.remove(session)) {
      uploadedByGone += session.status().uploaded();
      if (!closed) {
        readerMoved();
      }
    }
  }

  void peerHas(PeerSession session) {
    session.request();
  }

  void misbehaved(PeerSession session) {
    host.ban(session);
  }

  void received(int index, int offset, ByteBuffer data, PeerSession from) {
    downloaded += data.remaining();
    host.downloaded(data.remaining());
    long now = System.nanoTime();
    for (SwarmReader reader : readers) {
      if (reader.isBlocked() && reader.piece() == index) {
        reader.waitingSince = now;
      }
    }
    ActivePiece piece = picker.receive(index, offset, data, from);
    if (piece != null) {
      hashers.execute(() -> keep(piece));
    }
  }

  /** On the hash pool: a piece is stored if its hash holds, and in no other case. */
  private void keep(ActivePiece piece) {
    Result result = keep(piece.index, piece.data.position(0));
    loop.execute(
        () -> {
          picker.giveBack(piece);
          if (result == Result.WRONG) {
            blame(piece);
          } else {
            checked(piece.index, result == Result.STORED);
          }
        });
  }

  private enum Result {
    STORED,
    WRONG,
    NOT_STORED
  }

  private Result keep(int piece, ByteBuffer data) {
    if (!metainfo.matches(piece, sha1(data.duplicate()))) {
      return Result.WRONG;
    }
    try {
      store.write(piece, data);
      return Result.STORED;
    } catch (IOException e) {
      LOG.warn("Piece {} of {} can't be stored: {}", piece, metainfo.name(), e.getMessage());
      return Result.NOT_STORED;
    }
  }

  private static byte[] sha1(ByteBuffer data) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(data);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  private void blame(ActivePiece piece) {
    LOG.warn(
        "Piece {} of {} failed its hash; it came from {}",
        piece.index,
        metainfo.name(),
        piece.contributors());
    picker.failed(piece.index);
    if (piece.contributors().size() == 1) {
      for (BlockSource culprit : piece.contributors()) {
        if (culprit instanceof PeerSession session) {
          host.ban(session);
          session.close();
        }
      }
    }
    plan();
  }

  private void checked(int piece, boolean stored) {
    picker.checked(piece);
    if (closed) {
      return;
    }
    if (stored) {
      for (PeerSession session : sessions) {
        session.announce(piece);
      }
      for (SwarmReader reader : readers) {
        if (reader.piece() == piece) {
          reader.wake();
        }
      }
    } else if (!store.isUnverified(piece)) {
      pauseAfterStoreFailure();
    }
    plan();
  }

  private void pauseAfterStoreFailure() {
    storeRetryAt = System.nanoTime() + 1_000_000_000L;
    tickLater();
  }

  @Override
  public CompletionStage<Boolean> offer(int piece, ByteBuffer data) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    if (data.remaining() != metainfo.layout().length(piece)) {
      done.complete(false);
      return done;
    }
    hashers.execute(
        () -> {
          Result result = keep(piece, data.slice());
          loop.execute(
              () -> {
                if (result == Result.STORED) {
                  picker.check(piece);
                  checked(piece, true);
                }
              });
          if (result == Result.NOT_STORED) {
            done.completeExceptionally(new IOException("piece " + piece + " could not be stored"));
          } else {
            done.complete(result == Result.STORED);
          }
        });
    return done;
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
      checkStall(reader, now);
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

  private void checkStall(SwarmReader reader, long now) {
    if (!reader.isBlocked() || reader.hasFailed() || reader.waitingSince == 0) {
      return;
    }
    long waited = now - reader.waitingSince;
    ReadPolicy policy = reader.policy();
    int piece = reader.piece();
    if (waited > policy.stallLimit().toNanos()) {
      reader.fail(
          new IOException(
              "piece "
                  + piece
                  + " of "
                  + metainfo.name()
                  + ": expected a byte within "
                  + policy.stallLimit()
                  + ", got none"));
    } else if (!policy.maxStall().isNegative()
        && !policy.maxStall().isZero()
        && waited > policy.maxStall().toNanos()
        && reader.fallbackPiece != piece) {
      reader.fallbackPiece = piece;
      handOff.execute(() -> policy.fallback().fetch(piece));
    }
  }

  /** After an eviction: only a new connection can tell a peer that we have less than we said. */
  private void reconnectAll() {
    for (PeerSession session : List.copyOf(sessions)) {
      session.close();
    }
    plan();
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

  /** Disconnects, fails the readers and closes the store. */
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
    store.close();
  }
}
