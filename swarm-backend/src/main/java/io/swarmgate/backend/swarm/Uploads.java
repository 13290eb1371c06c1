package io.swarmgate.backend.swarm;

import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * The giving side of a session: what waits to be sent to the peer, messages too, and how the peer
 * takes it. Owned by the loop; never asks a clock.
 */
final class Uploads implements Holds.Receiver {
  /** Requests a peer may have waiting here; more is a flood. */
  private static final int MAX_QUEUED_REQUESTS = 4096;

  /** What is left after a write. */
  enum Rest {
    /** Nothing, or what is being read from a disk. */
    NOTHING,
    /** Blocks that are held for other peers. */
    HELD,
    /** What the upload limit doesn't allow now. */
    LIMITED,
    /** What the socket didn't take, or another turn's. */
    MORE
  }

  private final @Nullable Holds holds;
  private final UploadLimit limit;
  private final Outbox outbox;
  private final RateMeter rate;
  private boolean peerInterested;
  private long haveDelay;
  private long lastSent;

  /**
   * @param holds those of the torrent, if we are its root seed; else null
   * @param warmed as {@link Outbox} takes it; calls {@link #warmed}, on the loop
   */
  Uploads(
      GatheringByteChannel channel,
      PieceStore store,
      @Nullable Holds holds,
      UploadLimit limit,
      Runnable warmed,
      long now) {
    this.holds = holds;
    this.limit = limit;
    outbox = new Outbox(channel, store, holds, this, warmed);
    rate = new RateMeter(now);
    lastSent = now;
  }

  void send(ByteBuffer message) {
    outbox.add(message);
  }

  void interested() {
    peerInterested = true;
    if (holds != null) {
      holds.joined(this);
    }
    // Nodes of one swarm help each other unconditionally.
    send(Wire.message(Wire.UNCHOKE));
  }

  void notInterested() {
    peerInterested = false;
    if (holds != null) {
      holds.left(this);
    }
  }

  /** The peer has announced a piece, perhaps one that it has from here. */
  void announced(int piece, long now) {
    if (holds != null) {
      long delay = holds.announced(piece, this, now);
      if (delay > 0) {
        haveDelay = haveDelay == 0 ? delay : haveDelay + (delay - haveDelay) / 4;
      }
    }
  }

  /**
   * Queues a block.
   *
   * @throws ProtocolException if too many wait
   */
  void request(int piece, int offset, int length) throws ProtocolException {
    if (outbox.queuedBlocks() >= MAX_QUEUED_REQUESTS) {
      throw new ProtocolException(
          "requests: expected at most " + MAX_QUEUED_REQUESTS + " waiting, got one more");
    }
    outbox.addBlock(piece, offset, length);
  }

  void cancel(int piece, int offset, long now) {
    outbox.removeBlock(piece, offset, now);
  }

  /** Drops what waits of a piece that is no longer here. */
  void lost(int piece) {
    outbox.removePiece(piece);
  }

  /** What was being read from a disk is in memory. */
  void warmed() {
    outbox.warmed();
  }

  /** The piece that may be sent next; -1 if there is none. */
  int next(long now) {
    Integer piece = outbox.next(now);
    return piece == null ? -1 : piece;
  }

  /**
   * Writes what the socket and the upload limit take.
   *
   * @param most bytes
   * @throws IOException if the connection or the store fails
   */
  Rest write(long most, long now) throws IOException {
    long before = outbox.sentBytes();
    long written = outbox.write(Math.min(most, limit.available(now)), now);
    if (written > 0) {
      lastSent = now;
      limit.spend(written);
      rate.add(outbox.sentBytes() - before, now);
    }
    if (outbox.canWrite(now)) {
      return !outbox.isUnderWay() && limit.available(now) <= 0 ? Rest.LIMITED : Rest.MORE;
    }
    return outbox.isHeld(now) ? Rest.HELD : Rest.NOTHING;
  }

  /** Whether something was begun and waits for the socket. */
  boolean isUnderWay() {
    return outbox.isUnderWay();
  }

  boolean isPeerInterested() {
    return peerInterested;
  }

  /** When something was written last. */
  long lastSent() {
    return lastSent;
  }

  /** Bytes of blocks that have left. */
  long bytes() {
    return outbox.sentBytes();
  }

  @Override
  public double uploadRate() {
    return rate.bytesPerSecond();
  }

  @Override
  public long haveDelay() {
    return haveDelay;
  }

  /** Gives everything up; what was under way to the peer may go to others. */
  void close() {
    outbox.clear();
    if (holds != null) {
      holds.gone(this);
    }
  }
}
