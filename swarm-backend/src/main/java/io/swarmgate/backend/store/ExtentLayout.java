package io.swarmgate.backend.store;

import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.metainfo.PieceSpan;

/**
 * How a torrent's pieces divide into extents: whole pieces, kept in one file and evicted together.
 *
 * @param pieces the torrent's pieces
 * @param piecesPerExtent pieces in each extent but the last, at least 1
 */
record ExtentLayout(PieceLayout pieces, int piecesPerExtent) {
  ExtentLayout {
    if (piecesPerExtent < 1 || (long) piecesPerExtent * pieces.pieceLength() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "pieces per extent: expected at least 1 and less than 2 GiB, got " + piecesPerExtent);
    }
  }

  /** Extents of about {@code bytes} bytes, and at least one piece. */
  static ExtentLayout of(PieceLayout pieces, int bytes) {
    return new ExtentLayout(pieces, Math.max(1, bytes / pieces.pieceLength()));
  }

  /** Number of extents, at least 1. */
  int count() {
    return (pieces.pieceCount() - 1) / piecesPerExtent + 1;
  }

  /** The extent that holds a piece. */
  int of(int piece) {
    return piece / piecesPerExtent;
  }

  /** An extent's pieces. */
  PieceSpan span(int extent) {
    int first = extent * piecesPerExtent;
    return new PieceSpan(
        first, (int) Math.min((long) first + piecesPerExtent, pieces.pieceCount()));
  }

  /** Position of an extent's first byte in the torrent. */
  long start(int extent) {
    return pieces.start(span(extent).first());
  }

  /** Bytes in an extent. */
  int length(int extent) {
    return (int) (pieces.span(span(extent).end() - 1).end() - start(extent));
  }
}
