package io.swarmgate.backend.swarm;

import java.nio.ByteBuffer;
import java.util.BitSet;

/** What a peer says of itself: which pieces it has, and what it can do. Owned by the loop. */
final class PeerProfile {
  private final int pieceCount;
  private final BitSet pieces = new BitSet();
  private Extensions extensions = Extensions.NONE;
  private boolean bitfieldAllowed = true;
  private boolean startedWhole;

  PeerProfile(int pieceCount) {
    this.pieceCount = pieceCount;
  }

  /** The pieces it has. */
  BitSet pieces() {
    return pieces;
  }

  Extensions extensions() {
    return extensions;
  }

  /** It has a piece; false if it has said so before. */
  boolean gained(int piece) {
    bitfieldAllowed = false;
    boolean first = !pieces.get(piece);
    pieces.set(piece);
    return first;
  }

  /** It no longer has a piece; false if it never said that it had. */
  boolean lost(int piece) {
    boolean had = pieces.get(piece);
    pieces.clear(piece);
    return had;
  }

  /** It begins with these pieces; false, and nothing is taken in, if it has begun already. */
  boolean begins(BitSet announced) {
    if (!bitfieldAllowed) {
      return false;
    }
    bitfieldAllowed = false;
    pieces.or(announced);
    startedWhole = pieces.cardinality() == pieceCount;
    return true;
  }

  /**
   * Takes in an extension handshake's payload.
   *
   * @throws ProtocolException if it is none
   */
  void extended(ByteBuffer payload) throws ProtocolException {
    extensions = extensions.updatedBy(payload);
  }

  /** Whether what it gives costs the publisher: the root seed, or a foreign seed. */
  boolean isRoot() {
    return extensions.swarmgate() ? extensions.uploadOnly() : startedWhole;
  }

  /** Whether it is a root seed like ours, which holds pieces for others. */
  boolean holdsPieces() {
    return extensions.swarmgate() && isRoot();
  }
}
