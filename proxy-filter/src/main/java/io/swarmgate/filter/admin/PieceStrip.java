package io.swarmgate.filter.admin;

import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.metainfo.PieceSpan;
import io.swarmgate.backend.swarm.SwarmDetails;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;

/**
 * A file's pieces drawn as a strip of cells of nearly as many pieces each.
 *
 * @param cells a digit for each: 0 if nothing of it is here, 9 if all is, else how much about
 * @param underway the cells that pieces of are under way
 * @param readers the cells that readers are at
 * @param waiting those of them whose readers wait
 */
record PieceStrip(
    String cells, List<Integer> underway, List<Integer> readers, List<Integer> waiting) {
  private static final int ALL = 9;

  /** Nothing is known but how much is here, of 1. */
  static PieceStrip of(double share) {
    int digit = share >= 1 ? ALL : digit((int) (share * 1000), 1000);
    return new PieceStrip(Integer.toString(digit), List.of(), List.of(), List.of());
  }

  /**
   * Draws a file.
   *
   * @param file where its bytes lie in the torrent's
   * @param most cells at most
   */
  static PieceStrip of(
      PieceLayout layout,
      BitSet have,
      BitSet underway,
      List<SwarmDetails.Reader> readers,
      ByteSpan file,
      int most) {
    PieceSpan pieces = layout.pieces(file);
    int count = pieces.end() - pieces.first();
    int cells = Math.min(count, most);
    StringBuilder drawn = new StringBuilder();
    TreeSet<Integer> moving = new TreeSet<>();
    for (int cell = 0; cell < cells; cell++) {
      int first = pieces.first() + start(cell, count, cells);
      int end = pieces.first() + start(cell + 1, count, cells);
      drawn.append(digit(have.get(first, end).cardinality(), end - first));
      int next = underway.nextSetBit(first);
      if (next >= 0 && next < end) {
        moving.add(cell);
      }
    }
    TreeSet<Integer> at = new TreeSet<>();
    TreeSet<Integer> waiting = new TreeSet<>();
    for (SwarmDetails.Reader reader : readers) {
      if (reader.position() >= file.start() && reader.position() < file.end()) {
        int piece = layout.pieceAt(reader.position()) - pieces.first();
        int cell = (int) ((long) piece * cells / count);
        at.add(cell);
        if (reader.waiting()) {
          waiting.add(cell);
        }
      }
    }
    return new PieceStrip(
        drawn.toString(), List.copyOf(moving), List.copyOf(at), List.copyOf(waiting));
  }

  private static int start(int cell, int count, int cells) {
    return (int) ((long) cell * count / cells);
  }

  private static int digit(int here, int all) {
    if (here == 0 || here == all) {
      return here == 0 ? 0 : ALL;
    }
    return 1 + (int) ((long) here * (ALL - 1) / all);
  }
}
