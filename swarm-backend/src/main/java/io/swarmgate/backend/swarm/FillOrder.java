package io.swarmgate.backend.swarm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * Which pieces to fetch that no reader wants: rarest first, and of equally rare ones each node
 * others first, so that nodes can help each other. Kept until most of them have come, for counting
 * over all pieces takes time. Owned by the loop.
 */
final class FillOrder {
  private static final int AHEAD = 64;

  private final int pieceCount;
  private final int salt;
  private List<Integer> chosen = List.of();

  /**
   * @param salt a number that differs between nodes
   */
  FillOrder(int pieceCount, int salt) {
    this.pieceCount = pieceCount;
    this.salt = salt;
  }

  /**
   * Pieces to fetch, most wanted first.
   *
   * @param missing whether a piece still has to be fetched
   * @param copies how many peers have a piece
   */
  List<Integer> next(IntPredicate missing, IntUnaryOperator copies) {
    List<Integer> left = new ArrayList<>(chosen);
    left.removeIf(piece -> !missing.test(piece));
    chosen = left.size() >= AHEAD / 2 ? left : choose(missing, copies);
    return chosen;
  }

  private List<Integer> choose(IntPredicate missing, IntUnaryOperator copies) {
    List<Integer> all = new ArrayList<>();
    for (int piece = 0; piece < pieceCount; piece++) {
      if (missing.test(piece)) {
        all.add(piece);
      }
    }
    all.sort(Comparator.<Integer>comparingInt(copies::applyAsInt).thenComparingInt(this::shuffled));
    return List.copyOf(all.subList(0, Math.min(AHEAD, all.size())));
  }

  private int shuffled(int piece) {
    int hash = (piece + 1) * 0x9e3779b9 ^ salt;
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    return hash ^ (hash >>> 13);
  }
}
