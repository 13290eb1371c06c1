package io.swarmgate.backend.metainfo;

/**
 * How {@code length} bytes divide into pieces and blocks. The only place where offsets become piece
 * indices or the other way round.
 *
 * @param length bytes in all, at least 1
 * @param pieceLength bytes in each piece but the last, a multiple of 16 KiB, from that to 64 MiB; a
 *     power of two in what we make, and nearly always elsewhere (BEP 3)
 */
public record PieceLayout(long length, int pieceLength) {
  /** Unit of transfer between peers, in bytes (BEP 3). */
  public static final int BLOCK = 16 << 10;

  private static final int MAX_PIECE_LENGTH = 64 << 20;

  public PieceLayout {
    if (length < 1) {
      throw new IllegalArgumentException("length: expected at least 1 byte, got " + length);
    }
    if (pieceLength < BLOCK || pieceLength > MAX_PIECE_LENGTH || pieceLength % BLOCK != 0) {
      throw new IllegalArgumentException(
          "piece length: expected a multiple of 16 KiB, at most 64 MiB, got " + pieceLength);
    }
    if ((length - 1) / pieceLength >= Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "length: " + length + " bytes are too many for pieces of " + pieceLength);
    }
  }

  /** Number of pieces, at least 1. */
  public int pieceCount() {
    return (int) ((length + pieceLength - 1) / pieceLength);
  }

  /**
   * The piece that holds {@code position}.
   *
   * @throws IndexOutOfBoundsException if the position is outside {@code [0, length)}
   */
  public int pieceAt(long position) {
    if (position < 0 || position >= length) {
      throw new IndexOutOfBoundsException("position " + position + " of " + length);
    }
    return (int) (position / pieceLength);
  }

  /** Position of a piece's first byte. */
  public long start(int piece) {
    check(piece);
    return (long) piece * pieceLength;
  }

  /** Bytes in a piece: {@code pieceLength}, or fewer in the last. */
  public int length(int piece) {
    return (int) Math.min(pieceLength, length - start(piece));
  }

  /** A piece's bytes. */
  public ByteSpan span(int piece) {
    return new ByteSpan(start(piece), start(piece) + length(piece));
  }

  /** The pieces that hold any byte of {@code span}, which must lie in {@code [0, length)}. */
  public PieceSpan pieces(ByteSpan span) {
    if (span.isEmpty()) {
      int at = span.start() == length ? pieceCount() : pieceAt(span.start());
      return new PieceSpan(at, at);
    }
    return new PieceSpan(pieceAt(span.start()), pieceAt(span.end() - 1) + 1);
  }

  /** Number of blocks in a piece. */
  public int blockCount(int piece) {
    return (length(piece) + BLOCK - 1) / BLOCK;
  }

  /** Bytes in a piece's block: {@link #BLOCK}, or fewer in the last block of the last piece. */
  public int blockLength(int piece, int block) {
    int offset = blockOffset(block);
    int pieceLength = length(piece);
    if (block < 0 || offset >= pieceLength) {
      throw new IndexOutOfBoundsException("block " + block + " of piece " + piece);
    }
    return Math.min(BLOCK, pieceLength - offset);
  }

  /** Offset of a block within its piece. */
  public static int blockOffset(int block) {
    return block * BLOCK;
  }

  private void check(int piece) {
    if (piece < 0 || piece >= pieceCount()) {
      throw new IndexOutOfBoundsException("piece " + piece + " of " + pieceCount());
    }
  }
}
