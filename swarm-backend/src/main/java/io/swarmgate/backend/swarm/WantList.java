package io.swarmgate.backend.swarm;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * The pieces that are wanted, most urgent first: what readers are blocked on, then their windows,
 * taken in turn so that no reader starves another. Immutable.
 *
 * @param pieces indices, each once
 * @param urgent how many of them, from the first, somebody is blocked on
 */
record WantList(int[] pieces, int urgent) {
  static final WantList EMPTY = new WantList(new int[0], 0);

  /**
   * What one reader wants.
   *
   * @param first the piece it reads
   * @param end index after its window's last
   * @param blocked whether it waits for {@code first}
   */
  record Window(int first, int end, boolean blocked) {}

  /**
   * Orders windows.
   *
   * @param rest what is wanted after all windows, in order
   * @param missing whether a piece still has to be fetched
   * @param stripe this node's share when several fetch the same pieces
   */
  static WantList of(
      List<Window> windows, List<Integer> rest, IntPredicate missing, Stripe stripe) {
    BitSet taken = new BitSet();
    List<Integer> order = new ArrayList<>();
    for (Window window : windows) {
      if (window.blocked()) {
        add(window.first(), missing, taken, order);
      }
    }
    int urgent = order.size();
    List<List<Integer>> queues = new ArrayList<>();
    int longest = 0;
    for (Window window : windows) {
      List<Integer> queue = stripe.order(window);
      queues.add(queue);
      longest = Math.max(longest, queue.size());
    }
    for (int i = 0; i < longest; i++) {
      for (List<Integer> queue : queues) {
        if (i < queue.size()) {
          add(queue.get(i), missing, taken, order);
        }
      }
    }
    for (int piece : rest) {
      add(piece, missing, taken, order);
    }
    return new WantList(order.stream().mapToInt(Integer::intValue).toArray(), urgent);
  }

  private static void add(int piece, IntPredicate missing, BitSet taken, List<Integer> order) {
    if (!taken.get(piece) && missing.test(piece)) {
      taken.set(piece);
      order.add(piece);
    }
  }

  /**
   * Which pieces of a window to ask for first, so that nodes that read the same bytes at the same
   * time fetch different ones from the seed and the rest from each other.
   *
   * @param share this node's, in {@code [0, nodes)}
   * @param nodes how many share the work, at least 1
   */
  record Stripe(int share, int nodes) {
    static final Stripe ALONE = new Stripe(0, 1);

    List<Integer> order(Window window) {
      List<Integer> mine = new ArrayList<>();
      List<Integer> others = new ArrayList<>();
      for (int piece = window.first(); piece < window.end(); piece++) {
        (Math.floorMod(piece - share, nodes) == 0 ? mine : others).add(piece);
      }
      mine.addAll(others);
      return mine;
    }
  }
}
