package io.swarmgate.backend.metainfo;

/**
 * A half-open span of piece indices, {@code [first, end)}.
 *
 * @param first first piece, at least 0
 * @param end index after the last piece, at least {@code first}
 */
public record PieceSpan(int first, int end) {
  public PieceSpan {
    if (first < 0 || end < first) {
      throw new IllegalArgumentException(
          "piece span: expected 0 <= first <= end, got [" + first + ", " + end + ")");
    }
  }

  public int count() {
    return end - first;
  }

  public boolean contains(int piece) {
    return first <= piece && piece < end;
  }
}
