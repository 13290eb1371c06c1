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
final class PeerSession
    implements EventLoop.ChannelHandler, Wire.Handler, BlockSource, Holds.Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(PeerSession.class);

  /** Requests a peer may have waiting here; more is a flood. */
  private static final int MAX_QUEUED_REQUESTS = 4096;

  /** Bytes read or written in one turn of the loop, so that no peer keeps the others waiting. */
  private static final int TURN = 1 << 20;

  /** Few, for all that a node has asked of us waits in front of what it asks next. */
  private static final int MIN_DEPTH = 16;

  private static final int LEAST_DEPTH = 8;

  /** Blocks under way to keep beyond bandwidth x delay, as nanoseconds of the peer's rate. */
  private static final double SPARE_NANOS = 50_000_000;

  /** What a peer sends that nobody asked it for, before it is a flood: late cancels make some. */
  private static final int MAX_UNASKED = 4096;

  private static final long MIN_PATIENCE_NANOS = 300_000_000L;

  /** Blocks come in bursts where lines are shared, so that a shorter silence means nothing. */
  private static final long SILENT_NANOS = 1_000_000_000L;

  /** A root that holds pieces for others may be silent for longer. */
  private static final long ROOT_PATIENCE_NANOS = 2_000_000_000L;

  private static final int GAPS_OF_SILENCE = 8;

  /** A slow peer is asked for no more than it sends in this time: a reader may come to need it. */
  private static final double QUEUE_NANOS = 2e9;

  /** Blocks that come farther apart, 128 KiB a second, make a peer one to be asked last. */
  private static final long SLOW_NANOS = 125_000_000L;

  private static final long PASSED_OVER_NANOS = 5_000_000_000L;
  private static final long KEEP_ALIVE_NANOS = 60_000_000_000L;
  private static final long SILENCE_NANOS = 150_000_000_000L;

  /** How long a peer may take nothing of what is being written to it: it keeps memory pinned. */
  private static final long STUCK_NANOS = 60_000_000_000L;

  /** How long a connection is kept that neither side has use for. */
  private static final long USELESS_NANOS = 120_000_000_000L;

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
  private final RateMeter uploadRate;
  private final ResponseTime responseTime = new ResponseTime();
  private Extensions theirs = Extensions.NONE;
  private byte[] partial = new byte[0];
  private boolean choked = true;
  private boolean interested;
  private boolean peerInterested;
  private boolean closed;
  private boolean bitfieldAllowed = true;
  private boolean startedWhole;
  private int unasked;

  /** Requests to keep under way as long as a new connection speeds up; then 0. */
  private int slowStart = MIN_DEPTH;

  private long downloaded;
  private double gap;
  private long lastBlock;
  private boolean passedOver;
  private long passedOverUntil;
  private long haveDelay;
  private long lastReceived;
  private long lastSent;
  private long lastUseful;

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
            cipher == null ? channel : new EncryptedChannel(channel, cipher),
            torrent.store(),
            torrent.holds(),
            this,
            () -> torrent.onLoop(this::warmed));
    long now = System.nanoTime();
    downloadRate = new RateMeter(now);
    uploadRate = new RateMeter(now);
    lastReceived = now;
    lastSent = now;
    lastUseful = now;
  }

  /**
   * Says what we have; the first message after the handshake.
   *
   * @param extensions whether the peer speaks the extension protocol
   */
  void greet(BitSet ours, boolean extensions) {
    if (!ours.isEmpty()) {
      send(Wire.bitfield(ours, layout));
    }
    // Nodes of one swarm help each other unconditionally.
    send(Wire.message(Wire.UNCHOKE));
    if (extensions) {
      send(Extensions.ours(torrent.port(), torrent.holds() != null));
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
      torrent.misbehaved(
          this,
          "it broke the protocol in the swarm of "
              + torrent.metainfo().name()
              + ": "
              + cause.getMessage());
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
              if (asked.isEmpty()) {
                // Silence is counted from here on.
                lastBlock = now;
              }
              asked.put(blockKey(piece, block), now);
              Wire.putRequest(out, Wire.REQUEST, piece, PieceLayout.blockOffset(block), length);
            });
    if (out.position() > 0) {
      send(out.flip());
    }
  }

  /** How many blocks to keep under way. */
  private int depth() {
    if (passedOver) {
      // Few, to see whether it is back; of a root, some that it doesn't hold for others.
      return theirs.swarmgate() && isRoot() ? MIN_DEPTH : 1;
    }
    if (theirs.swarmgate() && isRoot()) {
      // It passes over what it holds for others, so all that is wanted can be asked at once.
      return theirs.requests() / 2;
    }
    double blocks = downloadRate.bytesPerSecond() / PieceLayout.BLOCK;
    double wanted = MIN_DEPTH + blocks * enoughNanos() / 1e9;
    double most = gap > 0 ? Math.max(LEAST_DEPTH, QUEUE_NANOS / gap) : Double.MAX_VALUE;
    return (int) Math.min(Math.min(theirs.requests(), Math.max(wanted, slowStart)), most);
  }

  /** How long a block may take to come before more requests only make it take longer. */
  private double enoughNanos() {
    return 2 * responseTime.least() + SPARE_NANOS;
  }

  /** As TCP does: one more with each block until answers slow down, for a rate needs time. */
  private void growDepth(long took) {
    if (slowStart > 0) {
      slowStart = took > enoughNanos() ? 0 : slowStart + 1;
    }
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
  public boolean isRoot() {
    return theirs.swarmgate() ? theirs.uploadOnly() : startedWhole;
  }

  @Override
  public boolean isGiving(long now) {
    return !choked && !closed && now - passedOverUntil >= 0 && !isSilent(now) && !isSlow(now);
  }

  /** Whether its blocks came far apart lately; it is tried again after a while. */
  private boolean isSlow(long now) {
    return gap > SLOW_NANOS && now - lastBlock < PASSED_OVER_NANOS;
  }

  /** Whether it owes blocks and has sent none for much longer than it used to take. */
  private boolean isSilent(long now) {
    if (asked.isEmpty()) {
      return false;
    }
    long least = isRoot() ? ROOT_PATIENCE_NANOS : SILENT_NANOS;
    long usual = Math.max((long) (GAPS_OF_SILENCE * gap), 3 * responseTime.least());
    return now - lastBlock > Math.max(least, usual);
  }

  @Override
  public long patience() {
    return Math.max(MIN_PATIENCE_NANOS, responseTime.bound());
  }

  @Override
  public long promptness(long now) {
    return isGiving(now) ? patience() : Long.MAX_VALUE;
  }

  @Override
  public double uploadRate() {
    return uploadRate.bytesPerSecond();
  }

  @Override
  public long haveDelay() {
    return haveDelay;
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
    peerInterested = true;
    Holds holds = torrent.holds();
    if (holds != null) {
      holds.joined(this);
    }
    // Nodes of one swarm help each other unconditionally.
    send(Wire.message(Wire.UNCHOKE));
  }

  @Override
  public void notInterested() {
    peerInterested = false;
    Holds holds = torrent.holds();
    if (holds != null) {
      holds.left(this);
    }
  }

  @Override
  public void have(int piece) {
    bitfieldAllowed = false;
    if (!pieces.get(piece)) {
      pieces.set(piece);
      torrent.peerHas(this, piece);
    }
    Holds holds = torrent.holds();
    if (holds != null) {
      long delay = holds.announced(piece, this, System.nanoTime());
      if (delay > 0) {
        haveDelay = haveDelay == 0 ? delay : haveDelay + (delay - haveDelay) / 4;
      }
      torrent.serve();
    }
  }

  @Override
  public void bitfield(BitSet announced) {
    if (!bitfieldAllowed) {
      // BEP 3 has it come first or not at all, but aria2 sends one for many HAVEs at once.
      announced.stream().forEach(this::have);
      return;
    }
    bitfieldAllowed = false;
    pieces.or(announced);
    startedWhole = pieces.cardinality() == layout.pieceCount();
    torrent.peerHasSome(announced);
  }

  @Override
  public void extended(int id, ByteBuffer payload) throws ProtocolException {
    if (id == Extensions.HANDSHAKE) {
      theirs = theirs.updatedBy(payload);
      if (!dialled && theirs.port() != 0) {
        torrent.listens(this, theirs.port());
      }
    } else if (id == Extensions.DONTHAVE) {
      if (payload.remaining() != 4) {
        throw new ProtocolException("lt_donthave: expected 4 bytes, got " + payload.remaining());
      }
      lost(Wire.piece(payload.getInt(), layout));
    }
  }

  private void lost(int piece) {
    if (pieces.get(piece)) {
      pieces.clear(piece);
      torrent.picker().lost(piece, this);
      torrent.peerLost(piece);
    }
  }

  /** Tells the peer that pieces are no longer here; false if it doesn't take that. */
  boolean takeBack(BitSet lost) {
    if (theirs.donthave() == 0) {
      return false;
    }
    lost.stream()
        .forEach(
            piece -> {
              outbox.removePiece(piece);
              send(theirs.donthave(piece));
            });
    flush();
    return true;
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
    Long askedAt = asked.remove(blockKey(piece, offset / PieceLayout.BLOCK));
    if (askedAt == null) {
      if (++unasked > MAX_UNASKED) {
        throw new ProtocolException(
            "blocks: expected those asked for, got " + unasked + " others in a row");
      }
      return;
    }
    long now = System.nanoTime();
    unasked = 0;
    gap += (now - Math.max(lastBlock, askedAt) - gap) / 8;
    lastBlock = now;
    passedOver = false;
    responseTime.add(now - askedAt);
    growDepth(now - askedAt);
    downloaded += length;
    downloadRate.add(length, now);
    torrent.received(piece, offset, data, this);
  }

  @Override
  public void cancel(int piece, int offset, int length) {
    outbox.removeBlock(piece, offset, System.nanoTime());
  }

  /** Also to a peer that has the piece: a root seed holds it for others until it hears of it. */
  void announce(int piece) {
    send(Wire.have(piece));
  }

  private void warmed() {
    outbox.warmed();
    flush();
  }

  private void send(ByteBuffer message) {
    outbox.add(message);
  }

  /** The piece that may be sent next; -1 if there is none. */
  int nextUpload(long now) {
    Integer piece = outbox.next(now);
    return piece == null ? -1 : piece;
  }

  /** Writes what the socket and the upload limit take, and asks to be told when there is more. */
  void flush() {
    if (closed || !key.isValid()) {
      return;
    }
    UploadLimit limit = torrent.uploadLimit();
    long now = System.nanoTime();
    try {
      long before = outbox.sentBytes();
      long written = outbox.write(Math.min(TURN, limit.available(now)), now);
      if (written > 0) {
        lastSent = now;
        limit.spend(written);
        uploadRate.add(outbox.sentBytes() - before, now);
      }
      boolean more = outbox.canWrite(now);
      boolean limited = more && !outbox.isUnderWay() && limit.available(now) <= 0;
      if (limited) {
        torrent.limited(this);
      } else if (!more && outbox.isHeld(now)) {
        torrent.held();
      }
      int interest = SelectionKey.OP_READ | (more && !limited ? SelectionKey.OP_WRITE : 0);
      if (key.interestOps() != interest) {
        key.interestOps(interest);
      }
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
    if (outbox.isUnderWay() && now - lastSent > STUCK_NANOS) {
      failed(new IOException("took nothing for " + STUCK_NANOS / 1_000_000_000 + " s"));
      return;
    }
    if (interested || peerInterested) {
      lastUseful = now;
    } else if (now - lastUseful > USELESS_NANOS) {
      failed(new IOException("neither side wants anything"));
      return;
    }
    if (!choked && isSilent(now) && now - passedOverUntil >= 0) {
      passedOver = true;
      passedOverUntil = now + PASSED_OVER_NANOS;
      torrent.picker().passOver(this, now);
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
