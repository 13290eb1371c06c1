package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one peer about one torrent, after the handshake: what each side has, what was
 * asked, what is on its way. Owned by the loop.
 */
final class PeerSession implements EventLoop.ChannelHandler, Wire.Handler, BlockSource {
  private static final Logger LOG = LoggerFactory.getLogger(PeerSession.class);

  /** Requests a peer may have waiting here; more is a flood. */
  private static final int MAX_QUEUED_REQUESTS = 4096;

  /** Bytes read or written in one turn of the loop, so that no peer keeps the others waiting. */
  private static final int TURN = 2 << 20;

  private static final int MIN_DEPTH = 64;
  private static final int MAX_DEPTH = 512;
  private static final long MIN_PATIENCE_NANOS = 300_000_000L;
  private static final long KEEP_ALIVE_NANOS = 60_000_000_000L;
  private static final long SILENCE_NANOS = 150_000_000_000L;

  private final Torrent torrent;
  private final PieceLayout layout;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final InetSocketAddress remote;
  private final PeerId peerId;
  private final boolean dialled;
  private final ByteBuffer readBuffer;
  private final @Nullable WireCipher cipher;
  private final Outbox outbox;

  private final BitSet pieces = new BitSet();
  private final Map<Long, Long> asked = new HashMap<>();
  private final RateMeter downloadRate;
  private byte[] partial = new byte[0];
  private boolean choked = true;
  private boolean interested;
  private boolean closed;
  private boolean bitfieldAllowed = true;
  private long downloaded;
  private long lastReceived;
  private long lastSent;

  /**
   * @param readBuffer the loop's, shared by its sessions and used only within one turn
   * @param cipher what the connection is encrypted with; null if it is plaintext
   */
  PeerSession(
      Torrent torrent,
      SocketChannel channel,
      SelectionKey key,
      InetSocketAddress remote,
      PeerId peerId,
      boolean dialled,
      ByteBuffer readBuffer,
      @Nullable WireCipher cipher) {
    this.torrent = torrent;
    this.layout = torrent.metainfo().layout();
    this.channel = channel;
    this.key = key;
    this.remote = remote;
    this.peerId = peerId;
    this.dialled = dialled;
    this.readBuffer = readBuffer;
    this.cipher = cipher;
    outbox =
        new Outbox(
            cipher == null ? channel : new EncryptedChannel(channel, cipher), torrent.store());
    long now = System.nanoTime();
    downloadRate = new RateMeter(now);
    lastReceived = now;
    lastSent = now;
  }

  /** Says what we have; the first message after the handshake. */
  void greet(BitSet ours) {
    if (!ours.isEmpty()) {
      send(Wire.bitfield(ours, layout));
    }
    flush();
  }

  @Override
  public void ready(SelectionKey readyKey) throws IOException {
    if (readyKey.isReadable()) {
      read();
    }
    if (!closed && readyKey.isValid() && readyKey.isWritable()) {
      flush();
    }
  }

  private void read() throws IOException {
    ByteBuffer in = readBuffer.clear().put(partial);
    int count = 0;
    int total = 0;
    do {
      count = channel.read(in);
      total += Math.max(count, 0);
      if (cipher != null && count > 0) {
        cipher.decryptLast(in, count);
      }
      in.flip();
      Wire.decode(in, layout, this);
      if (closed) {
        return;
      }
      in.compact();
    } while (count > 0 && total < TURN && in.position() == 0);
    in.flip();
    partial = new byte[in.remaining()];
    in.get(partial);
    if (total > 0) {
      lastReceived = System.nanoTime();
    }
    if (count < 0) {
      throw new EOFException("closed by the peer");
    }
    request();
    flush();
  }

  @Override
  public void failed(Exception cause) {
    if (cause instanceof ProtocolException) {
      LOG.warn(
          "Peer {} of {} broke the protocol: {}",
          this,
          torrent.metainfo().name(),
          cause.getMessage());
      torrent.misbehaved(this);
    } else if (cause instanceof RuntimeException) {
      LOG.error("Peer {} of {} is disconnected", this, torrent.metainfo().name(), cause);
    } else {
      LOG.debug("Peer {} of {} has gone: {}", this, torrent.metainfo().name(), cause.getMessage());
    }
    close();
  }

  /** Asks for as much as the peer's bandwidth and delay can keep under way. */
  void request() {
    if (closed) {
      return;
    }
    boolean wants = torrent.picker().interestedIn(this);
    if (wants != interested) {
      interested = wants;
      send(Wire.message(wants ? Wire.INTERESTED : Wire.NOT_INTERESTED));
    }
    int depth = depth();
    // Refilling at half saves a scan of the want list for every single block.
    if (choked || !wants || asked.size() > depth - Math.min(16, depth / 4)) {
      return;
    }
    long now = System.nanoTime();
    ByteBuffer out = ByteBuffer.allocate((depth - asked.size()) * Wire.REQUEST_SIZE);
    torrent
        .picker()
        .pick(
            this,
            depth - asked.size(),
            now,
            (piece, block, length) -> {
              asked.put(blockKey(piece, block), now);
              Wire.putRequest(out, Wire.REQUEST, piece, PieceLayout.blockOffset(block), length);
            });
    if (out.position() > 0) {
      send(out.flip());
    }
  }

  private int depth() {
    // About a second's worth: deep enough for slow answers, at least enough to measure.
    double blocks = downloadRate.bytesPerSecond() / PieceLayout.BLOCK;
    return (int) Math.max(MIN_DEPTH, Math.min(MAX_DEPTH, blocks + MIN_DEPTH / 2.0));
  }

  private static long blockKey(int piece, int block) {
    return ((long) piece << 32) | block;
  }

  @Override
  public boolean has(int piece) {
    return pieces.get(piece);
  }

  @Override
  public void cancel(int piece, int block) {
    // The block may already be on its way; it stays in "asked" no longer, and is ignored if it
    // comes.
    if (asked.remove(blockKey(piece, block)) != null && !closed) {
      ByteBuffer out = ByteBuffer.allocate(Wire.REQUEST_SIZE);
      Wire.putRequest(
          out,
          Wire.CANCEL,
          piece,
          PieceLayout.blockOffset(block),
          layout.blockLength(piece, block));
      send(out.flip());
    }
  }

  @Override
  public long patience() {
    double rate = downloadRate.bytesPerSecond();
    if (rate < PieceLayout.BLOCK) {
      return MIN_PATIENCE_NANOS;
    }
    // What is under way at the measured rate, twice.
    double expected = asked.size() * (double) PieceLayout.BLOCK / rate * 1e9;
    return Math.max(MIN_PATIENCE_NANOS, (long) (2 * expected));
  }

  @Override
  public void choke() {
    choked = true;
    asked.clear();
    torrent.picker().release(this);
    torrent.requestAll();
  }

  @Override
  public void unchoke() {
    choked = false;
  }

  @Override
  public void interested() {
    // Nodes of one swarm help each other unconditionally.
    send(Wire.message(Wire.UNCHOKE));
  }

  @Override
  public void notInterested() {}

  @Override
  public void have(int piece) {
    bitfieldAllowed = false;
    pieces.set(piece);
    torrent.peerHas(this);
  }

  @Override
  public void bitfield(BitSet theirs) throws ProtocolException {
    if (!bitfieldAllowed) {
      throw new ProtocolException("bitfield: expected as first message only, got it later");
    }
    bitfieldAllowed = false;
    pieces.or(theirs);
    torrent.peerHas(this);
  }

  @Override
  public void request(int piece, int offset, int length) throws ProtocolException {
    if (outbox.queuedBlocks() >= MAX_QUEUED_REQUESTS) {
      throw new ProtocolException(
          "requests: expected at most " + MAX_QUEUED_REQUESTS + " waiting, got one more");
    }
    outbox.addBlock(piece, offset, length);
  }

  @Override
  public void block(int piece, int offset, ByteBuffer data) throws ProtocolException {
    int length = data.remaining();
    if (offset % PieceLayout.BLOCK != 0
        || length != layout.blockLength(piece, offset / PieceLayout.BLOCK)) {
      throw new ProtocolException(
          "block: expected one that was asked for, got " + length + " bytes at " + offset);
    }
    if (asked.remove(blockKey(piece, offset / PieceLayout.BLOCK)) == null) {
      return;
    }
    downloaded += length;
    downloadRate.add(length, System.nanoTime());
    torrent.received(piece, offset, data, this);
  }

  @Override
  public void cancel(int piece, int offset, int length) {
    outbox.removeBlock(piece, offset);
  }

  void announce(int piece) {
    if (!pieces.get(piece)) {
      send(Wire.have(piece));
    }
  }

  private void send(ByteBuffer message) {
    outbox.add(message);
  }

  /** Writes what the socket takes, and asks to be told when it takes more. */
  void flush() {
    if (closed || !key.isValid()) {
      return;
    }
    try {
      long sent = outbox.write(TURN);
      if (sent > 0) {
        lastSent = System.nanoTime();
      }
      int interest = SelectionKey.OP_READ | (outbox.isEmpty() ? 0 : SelectionKey.OP_WRITE);
      if (key.interestOps() != interest) {
        key.interestOps(interest);
      }
    } catch (IOException e) {
      failed(e);
    }
  }

  /** Keeps a useful connection alive, and closes one that has gone silent. */
  void tick(long now) {
    if (now - lastReceived > SILENCE_NANOS) {
      failed(new IOException("silent for " + SILENCE_NANOS / 1_000_000_000 + " s"));
      return;
    }
    if (now - lastSent > KEEP_ALIVE_NANOS) {
      send(Wire.keepAlive());
      flush();
    }
  }

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    key.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("Closing the connection to {}", this, e);
    }
    outbox.clear();
    torrent.detach(this);
  }

  PeerId peerId() {
    return peerId;
  }

  InetSocketAddress remote() {
    return remote;
  }

  boolean wasDialled() {
    return dialled;
  }

  BitSet pieces() {
    return pieces;
  }

  SwarmStatus.PeerStatus status() {
    return new SwarmStatus.PeerStatus(
        toString(), pieces.cardinality(), outbox.sentBytes(), downloaded);
  }

  @Override
  public String toString() {
    return remote.getAddress().getHostAddress() + ":" + remote.getPort();
  }
}
