package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The asking side of a session: what was asked of the peer and hasn't come, and how much more to
 * ask. Owned by the loop; never asks a clock.
 */
final class Downloads {
  /** What a peer sends that nobody asked it for, before it is a flood: late cancels make some. */
  private static final int MAX_UNASKED = 4096;

  private final BlockSource peer;
  private final PiecePicker picker;
  private final PieceLayout layout;
  private final Consumer<ByteBuffer> out;
  private final Pace pace = new Pace();
  private final RequestDepth depth;
  private final Map<Long, Long> asked = new HashMap<>();
  private boolean choked = true;
  private boolean interested;
  private int unasked;
  private long bytes;

  /**
   * @param peer the session, as the picker knows it
   * @param out takes messages to the peer
   */
  Downloads(
      BlockSource peer,
      PeerProfile profile,
      PiecePicker picker,
      PieceLayout layout,
      Consumer<ByteBuffer> out,
      long now) {
    this.peer = peer;
    this.picker = picker;
    this.layout = layout;
    this.out = out;
    depth = new RequestDepth(pace, profile, now);
  }

  /** Asks for as much as the peer's bandwidth and delay can keep under way. */
  void request(long now) {
    boolean wants = picker.interestedIn(peer);
    if (wants != interested) {
      interested = wants;
      out.accept(Wire.message(wants ? Wire.INTERESTED : Wire.NOT_INTERESTED));
    }
    int most = depth.blocks();
    // Refilling at half saves a scan of the want list for every single block.
    if (choked || !wants || asked.size() > most - Math.min(16, most / 4)) {
      return;
    }
    ByteBuffer requests = ByteBuffer.allocate((most - asked.size()) * Wire.REQUEST_SIZE);
    picker.pick(
        peer,
        most - asked.size(),
        now,
        (piece, block, length) -> {
          if (asked.isEmpty()) {
            pace.begins(now);
          }
          asked.put(blockKey(piece, block), now);
          Wire.putRequest(requests, Wire.REQUEST, piece, PieceLayout.blockOffset(block), length);
        });
    if (requests.position() > 0) {
      out.accept(requests.flip());
    }
  }

  private static long blockKey(int piece, int block) {
    return ((long) piece << 32) | block;
  }

  /** Withdraws a request. */
  void cancel(int piece, int block) {
    // The block may already be on its way; it stays in "asked" no longer, and is ignored if it
    // comes.
    if (asked.remove(blockKey(piece, block)) != null) {
      ByteBuffer cancel = ByteBuffer.allocate(Wire.REQUEST_SIZE);
      Wire.putRequest(
          cancel,
          Wire.CANCEL,
          piece,
          PieceLayout.blockOffset(block),
          layout.blockLength(piece, block));
      out.accept(cancel.flip());
    }
  }

  /** The peer answers nothing from now on; what it was asked for can be asked of others. */
  void choked() {
    choked = true;
    asked.clear();
    picker.release(peer);
  }

  void unchoked() {
    choked = false;
  }

  /**
   * A block has come.
   *
   * @return whether it was asked for
   * @throws ProtocolException if it is no block of the torrent's, or one too many that nobody asked
   *     for
   */
  boolean received(int piece, int offset, int length, long now) throws ProtocolException {
    int block = offset / PieceLayout.BLOCK;
    if (offset % PieceLayout.BLOCK != 0 || length != layout.blockLength(piece, block)) {
      throw new ProtocolException(
          "block: expected one that was asked for, got " + length + " bytes at " + offset);
    }
    Long askedAt = asked.remove(blockKey(piece, block));
    if (askedAt == null) {
      if (++unasked > MAX_UNASKED) {
        throw new ProtocolException(
            "blocks: expected those asked for, got " + unasked + " others in a row");
      }
      return false;
    }
    unasked = 0;
    bytes += length;
    pace.answered(askedAt, now);
    if (asked.isEmpty()) {
      pace.settled();
    }
    depth.answered(now - askedAt, length, now);
    return true;
  }

  /** Passes over the peer if it owes blocks and is silent. */
  void tick(long now) {
    if (!choked && isSilent(now) && !pace.isPassedOver(now)) {
      pace.passOver(now);
      picker.passOver(peer, now);
    }
  }

  /** As {@link BlockSource#isGiving}. */
  boolean isGiving(long now) {
    return !choked && !pace.isPassedOver(now) && !isSilent(now) && !pace.isSlow(now);
  }

  /** Whether what it owes may be waited for: it sends blocks, and not far apart. */
  boolean isBringing(long now) {
    return !choked && !pace.isOnTrial() && !pace.isSlow(now) && !pace.isQuiet(now);
  }

  private boolean isSilent(long now) {
    return !asked.isEmpty() && pace.isSilent(peer.isRoot(), now);
  }

  /** As {@link BlockSource#patience}. */
  long patience() {
    return pace.patience();
  }

  /** Whether the peer has anything that is wanted. */
  boolean isInterested() {
    return interested;
  }

  /** Bytes of blocks that came and were asked for. */
  long bytes() {
    return bytes;
  }
}
