package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * The peer wire messages of BEP 3 that follow the handshake: a 4-byte length, a 1-byte id, a
 * payload. Stateless.
 */
final class Wire {
  static final byte CHOKE = 0;
  static final byte UNCHOKE = 1;
  static final byte INTERESTED = 2;
  static final byte NOT_INTERESTED = 3;
  static final byte HAVE = 4;
  static final byte BITFIELD = 5;
  static final byte REQUEST = 6;
  static final byte PIECE = 7;
  static final byte CANCEL = 8;

  /** The extension protocol's (BEP 10): one more byte says which extension. */
  static final byte EXTENDED = 20;

  /** Bytes of a REQUEST or CANCEL on the wire. */
  static final int REQUEST_SIZE = 17;

  /** Bytes on the wire before a block's own. */
  static final int PIECE_HEADER = 13;

  /** Longest block that is served; longer requests are an attack or a mistake. */
  static final int MAX_BLOCK = 128 << 10;

  /** What was decoded is told to this. Buffers are only good during the call. */
  interface Handler {
    void choke();

    void unchoke();

    void interested();

    void notInterested();

    void have(int piece) throws ProtocolException;

    void bitfield(BitSet pieces) throws ProtocolException;

    void request(int piece, int offset, int length) throws ProtocolException;

    void block(int piece, int offset, ByteBuffer data) throws ProtocolException;

    void cancel(int piece, int offset, int length) throws ProtocolException;

    /**
     * A message of the extension protocol.
     *
     * @param id 0 for its handshake, or what we said an extension's id is
     */
    void extended(int id, ByteBuffer payload) throws ProtocolException;
  }

  private Wire() {}

  /** Longest frame, length field included, that a peer of a torrent of this layout may send. */
  static int maxFrame(PieceLayout layout) {
    return 4 + 1 + Math.max(8 + MAX_BLOCK, (layout.pieceCount() + 7) / 8);
  }

  /**
   * Decodes every whole frame from {@code in}'s position to its limit, and leaves the position at
   * the first byte of what is not whole. Unknown ids are skipped.
   *
   * @throws ProtocolException at the first frame that breaks the protocol
   */
  static void decode(ByteBuffer in, PieceLayout layout, Handler handler) throws ProtocolException {
    int maxFrame = maxFrame(layout);
    while (in.remaining() >= 4) {
      int length = in.getInt(in.position());
      if (length < 0 || length > maxFrame - 4) {
        throw new ProtocolException(
            "message length: expected at most " + (maxFrame - 4) + " bytes, got " + length);
      }
      if (in.remaining() < 4 + length) {
        return;
      }
      int end = in.position() + 4 + length;
      int limit = in.limit();
      in.position(in.position() + 4).limit(end);
      if (length > 0) {
        decodeMessage(in, layout, handler);
      }
      in.limit(limit).position(end);
    }
  }

  private static void decodeMessage(ByteBuffer in, PieceLayout layout, Handler handler)
      throws ProtocolException {
    byte id = in.get();
    switch (id) {
      case CHOKE -> {
        expect(id, in, 0);
        handler.choke();
      }
      case UNCHOKE -> {
        expect(id, in, 0);
        handler.unchoke();
      }
      case INTERESTED -> {
        expect(id, in, 0);
        handler.interested();
      }
      case NOT_INTERESTED -> {
        expect(id, in, 0);
        handler.notInterested();
      }
      case HAVE -> {
        expect(id, in, 4);
        handler.have(piece(in.getInt(), layout));
      }
      case BITFIELD -> {
        expect(id, in, (layout.pieceCount() + 7) / 8);
        handler.bitfield(bitfield(in, layout));
      }
      case REQUEST -> {
        expect(id, in, 12);
        int piece = piece(in.getInt(), layout);
        int offset = in.getInt();
        int length = in.getInt();
        checkBlock(piece, offset, length, layout);
        handler.request(piece, offset, length);
      }
      case PIECE -> {
        if (in.remaining() < 9) {
          throw new ProtocolException(
              "message PIECE: expected at least 9 bytes, got " + in.remaining());
        }
        int piece = piece(in.getInt(), layout);
        int offset = in.getInt();
        checkBlock(piece, offset, in.remaining(), layout);
        handler.block(piece, offset, in);
      }
      case CANCEL -> {
        expect(id, in, 12);
        handler.cancel(piece(in.getInt(), layout), in.getInt(), in.getInt());
      }
      case EXTENDED -> {
        if (!in.hasRemaining()) {
          throw new ProtocolException("message EXTENDED: expected at least 1 byte, got 0");
        }
        handler.extended(in.get() & 0xff, in);
      }
      default -> {
        // PORT and the fast extension: never negotiated by us, harmless to skip.
      }
    }
  }

  private static void expect(byte id, ByteBuffer in, int payload) throws ProtocolException {
    if (in.remaining() != payload) {
      throw new ProtocolException(
          "message " + id + ": expected " + payload + " bytes, got " + in.remaining());
    }
  }

  static int piece(int index, PieceLayout layout) throws ProtocolException {
    if (index < 0 || index >= layout.pieceCount()) {
      throw new ProtocolException(
          "piece index: expected 0 to " + (layout.pieceCount() - 1) + ", got " + index);
    }
    return index;
  }

  private static void checkBlock(int piece, int offset, int length, PieceLayout layout)
      throws ProtocolException {
    if (length < 1 || length > MAX_BLOCK || offset < 0 || offset > layout.length(piece) - length) {
      throw new ProtocolException(
          "block: expected 1 to "
              + MAX_BLOCK
              + " bytes within the "
              + layout.length(piece)
              + " of piece "
              + piece
              + ", got "
              + length
              + " at "
              + offset);
    }
  }

  private static BitSet bitfield(ByteBuffer in, PieceLayout layout) throws ProtocolException {
    BitSet pieces = new BitSet(layout.pieceCount());
    for (int first = 0; in.hasRemaining(); first += 8) {
      int bits = in.get() & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        if ((bits & (0x80 >> bit)) != 0) {
          pieces.set(first + bit);
        }
      }
    }
    if (pieces.length() > layout.pieceCount()) {
      throw new ProtocolException(
          "bitfield: expected spare bits after piece "
              + (layout.pieceCount() - 1)
              + " to be 0, got a 1");
    }
    return pieces;
  }

  /** A message of an id alone. */
  static ByteBuffer message(byte id) {
    return ByteBuffer.allocate(5).putInt(1).put(id).flip();
  }

  static ByteBuffer keepAlive() {
    return ByteBuffer.allocate(4).putInt(0).flip();
  }

  static ByteBuffer have(int piece) {
    return ByteBuffer.allocate(9).putInt(5).put(HAVE).putInt(piece).flip();
  }

  /** A message of the extension protocol, its payload copied. */
  static ByteBuffer extended(int id, byte[] payload) {
    return ByteBuffer.allocate(6 + payload.length)
        .putInt(2 + payload.length)
        .put(EXTENDED)
        .put((byte) id)
        .put(payload)
        .flip();
  }

  static ByteBuffer bitfield(BitSet pieces, PieceLayout layout) {
    int size = (layout.pieceCount() + 7) / 8;
    ByteBuffer out = ByteBuffer.allocate(5 + size).putInt(1 + size).put(BITFIELD);
    for (int first = 0; first < layout.pieceCount(); first += 8) {
      int bits = 0;
      for (int bit = 0; bit < 8; bit++) {
        if (pieces.get(first + bit)) {
          bits |= 0x80 >> bit;
        }
      }
      out.put((byte) bits);
    }
    return out.flip();
  }

  /** Appends a REQUEST or CANCEL: {@link #REQUEST_SIZE} bytes. */
  static void putRequest(ByteBuffer out, byte id, int piece, int offset, int length) {
    out.putInt(13).put(id).putInt(piece).putInt(offset).putInt(length);
  }

  /** Appends what stands before a block's bytes: {@link #PIECE_HEADER} bytes. */
  static void putPieceHeader(ByteBuffer out, int piece, int offset, int length) {
    out.putInt(9 + length).put(PIECE).putInt(piece).putInt(offset);
  }
}
