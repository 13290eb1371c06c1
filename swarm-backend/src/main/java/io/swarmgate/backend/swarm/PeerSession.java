package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one peer about one torrent, after the handshake: hands what the peer says to
 * the side that it concerns, asking or giving, and ends the connection when that is due. Owned by
 * the loop.
 */
final class PeerSession implements EventLoop.ChannelHandler, Wire.Handler, BlockSource {
  private static final Logger LOG = LoggerFactory.getLogger(PeerSession.class);
  private static final long KEEP_ALIVE_NANOS = 60_000_000_000L;
  private static final long SILENCE_NANOS = 150_000_000_000L;

  /** How long a peer may take nothing of what is being written to it: it keeps memory pinned. */
  private static final long STUCK_NANOS = 60_000_000_000L;

  /** How long a connection is kept that neither side has use for. */
  private static final long USELESS_NANOS = 120_000_000_000L;

  private final Torrent torrent;
  private final PieceLayout layout;
  private final PeerConnection connection;
  private final PeerId peerId;
  private final boolean dialled;
  private final PeerProfile profile;
  private final Downloads downloads;
  private final Uploads uploads;
  private long lastReceived;
  private long lastUseful;

  PeerSession(Torrent torrent, PeerConnection connection, PeerId peerId, boolean dialled) {
    this.torrent = torrent;
    this.layout = torrent.metainfo().layout();
    this.connection = connection;
    this.peerId = peerId;
    this.dialled = dialled;
    long now = System.nanoTime();
    profile = new PeerProfile(layout.pieceCount());
    uploads =
        new Uploads(
            connection.output(),
            torrent.store(),
            torrent.holds(),
            torrent.host().uploadLimit(),
            () -> torrent.onLoop(this::warmed),
            now);
    downloads = new Downloads(this, profile, torrent.picker(), layout, uploads::send, now);
    lastReceived = now;
    lastUseful = now;
  }

  /**
   * Says what we have; the first message after the handshake.
   *
   * @param extensions whether the peer speaks the extension protocol
   */
  void greet(BitSet ours, boolean extensions) {
    if (!ours.isEmpty()) {
      uploads.send(Wire.bitfield(ours, layout));
    }
    // Nodes of one swarm help each other unconditionally.
    uploads.send(Wire.message(Wire.UNCHOKE));
    if (extensions) {
      uploads.send(Extensions.ours(torrent.host().port(), torrent.holds() != null));
    }
    flush();
  }

  @Override
  public void ready(SelectionKey readyKey) throws IOException {
    if (readyKey.isReadable()) {
      read();
    }
    if (connection.isOpen() && readyKey.isWritable()) {
      flush();
    }
  }

  private void read() throws IOException {
    if (connection.read(layout, this)) {
      lastReceived = System.nanoTime();
    }
    request();
    flush();
  }

  @Override
  public void failed(Exception cause) {
    String name = torrent.metainfo().name();
    if (cause instanceof ProtocolException) {
      String offence = "it broke the protocol in the swarm of " + name + ": " + cause.getMessage();
      torrent.host().ban(this, offence);
    } else if (cause instanceof RuntimeException) {
      LOG.error("Peer {} of {} is disconnected", this, name, cause);
    } else {
      LOG.debug("Peer {} of {} has gone: {}", this, name, cause.getMessage());
    }
    close();
  }

  /** Asks for as much as the peer's bandwidth and delay can keep under way. */
  void request() {
    if (connection.isOpen()) {
      downloads.request(System.nanoTime());
    }
  }

  @Override
  public boolean has(int piece) {
    return profile.pieces().get(piece);
  }

  @Override
  public void cancel(int piece, int block) {
    if (connection.isOpen()) {
      downloads.cancel(piece, block);
    }
  }

  @Override
  public boolean isRoot() {
    return profile.isRoot();
  }

  @Override
  public boolean isGiving(long now) {
    return connection.isOpen() && downloads.isGiving(now);
  }

  @Override
  public long patience() {
    return downloads.patience();
  }

  @Override
  public long promptness(long now) {
    return isGiving(now) ? patience() : Long.MAX_VALUE;
  }

  @Override
  public void choke() {
    downloads.choked();
    torrent.sessions().request();
  }

  @Override
  public void unchoke() {
    downloads.unchoked();
  }

  @Override
  public void interested() {
    uploads.interested();
  }

  @Override
  public void notInterested() {
    uploads.notInterested();
  }

  @Override
  public void have(int piece) {
    announced(piece);
    serveHeld();
  }

  private void announced(int piece) {
    if (profile.gained(piece)) {
      torrent.peerHas(this, piece);
    }
    uploads.announced(piece, System.nanoTime());
  }

  /** What a peer has got makes room for others. */
  private void serveHeld() {
    if (torrent.holds() != null) {
      torrent.sessions().serve();
    }
  }

  @Override
  public void bitfield(BitSet announced) {
    if (profile.begins(announced)) {
      torrent.peerHasSome(announced);
    } else {
      // BEP 3 has it come first or not at all, but aria2 sends one for many HAVEs at once.
      announced.stream().forEach(this::announced);
      serveHeld();
    }
  }

  @Override
  public void extended(int id, ByteBuffer payload) throws ProtocolException {
    if (id == Extensions.HANDSHAKE) {
      profile.extended(payload);
      int port = profile.extensions().port();
      if (!dialled && port != 0) {
        torrent.listens(this, port);
      }
    } else if (id == Extensions.DONTHAVE) {
      if (payload.remaining() != 4) {
        throw new ProtocolException("lt_donthave: expected 4 bytes, got " + payload.remaining());
      }
      lost(Wire.piece(payload.getInt(), layout));
    }
  }

  private void lost(int piece) {
    if (profile.lost(piece)) {
      torrent.picker().lost(piece, this);
      torrent.peerLost(piece);
    }
  }

  /** Tells the peer that pieces are no longer here; false if it doesn't take that. */
  boolean takeBack(BitSet lost) {
    Extensions theirs = profile.extensions();
    if (theirs.donthave() == 0) {
      return false;
    }
    lost.stream()
        .forEach(
            piece -> {
              uploads.lost(piece);
              uploads.send(theirs.donthave(piece));
            });
    flush();
    return true;
  }

  @Override
  public void request(int piece, int offset, int length) throws ProtocolException {
    uploads.request(piece, offset, length);
  }

  @Override
  public void block(int piece, int offset, ByteBuffer data) throws ProtocolException {
    if (downloads.received(piece, offset, data.remaining(), System.nanoTime())) {
      torrent.received(piece, offset, data, this);
    }
  }

  @Override
  public void cancel(int piece, int offset, int length) {
    uploads.cancel(piece, offset, System.nanoTime());
  }

  /** Also to a peer that has the piece: a root seed holds it for others until it hears of it. */
  void announce(int piece) {
    uploads.send(Wire.have(piece));
  }

  private void warmed() {
    uploads.warmed();
    flush();
  }

  /** The piece that may be sent next; -1 if there is none. */
  int nextUpload(long now) {
    return uploads.next(now);
  }

  /** Writes what the socket and the upload limit take, and asks to be told when there is more. */
  void flush() {
    if (!connection.isOpen()) {
      return;
    }
    try {
      Uploads.Rest rest = uploads.write(PeerConnection.TURN, System.nanoTime());
      if (rest == Uploads.Rest.LIMITED) {
        torrent.host().limited(this);
      } else if (rest == Uploads.Rest.HELD) {
        torrent.sessions().held();
      }
      connection.wantsToWrite(rest == Uploads.Rest.MORE);
    } catch (IOException e) {
      failed(e);
    }
  }

  /**
   * Keeps a useful connection alive, closes one that is of no use, and passes over a peer that owes
   * blocks and is silent.
   */
  void tick(long now) {
    if (now - lastReceived > SILENCE_NANOS) {
      failed(new IOException("silent for " + SILENCE_NANOS / 1_000_000_000 + " s"));
      return;
    }
    if (uploads.isUnderWay() && now - uploads.lastSent() > STUCK_NANOS) {
      failed(new IOException("took nothing for " + STUCK_NANOS / 1_000_000_000 + " s"));
      return;
    }
    if (downloads.isInterested() || uploads.isPeerInterested()) {
      lastUseful = now;
    } else if (now - lastUseful > USELESS_NANOS) {
      failed(new IOException("neither side wants anything"));
      return;
    }
    downloads.tick(now);
    if (now - uploads.lastSent() > KEEP_ALIVE_NANOS) {
      uploads.send(Wire.keepAlive());
      flush();
    }
  }

  void close() {
    if (connection.close()) {
      uploads.close();
      torrent.detach(this);
    }
  }

  PeerId peerId() {
    return peerId;
  }

  InetSocketAddress remote() {
    return connection.remote();
  }

  boolean wasDialled() {
    return dialled;
  }

  BitSet pieces() {
    return profile.pieces();
  }

  SwarmStatus.PeerStatus status() {
    return new SwarmStatus.PeerStatus(
        toString(),
        profile.pieces().cardinality(),
        uploads.bytes(),
        downloads.bytes(),
        isBringing(System.nanoTime()));
  }

  /** Whether there is anything to be had of it, and what it owes may be waited for. */
  boolean isBringing(long now) {
    return connection.isOpen() && downloads.isBringing(now) && !profile.pieces().isEmpty();
  }

  SwarmDetails.Peer details() {
    return new SwarmDetails.Peer(
        toString(),
        peerId.client(),
        dialled,
        profile.isRoot(),
        profile.pieces().cardinality(),
        uploads.bytes(),
        downloads.bytes());
  }

  @Override
  public String toString() {
    return connection.toString();
  }
}
