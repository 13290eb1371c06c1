package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.util.BitSet;
import java.util.function.IntPredicate;

/**
 * Counts what a reader delivers by where it came from. Counted by the reading thread; told to any.
 */
public final class Tally {
  private final PieceLayout layout;
  private final BitSet here;
  private final IntPredicate fromOrigin;
  private volatile Sources sources = new Sources(0, 0, 0);

  /**
   * Begins at nothing.
   *
   * @param here the pieces that are here before anything is asked for
   * @param fromOrigin whether an origin brought a piece that wasn't
   */
  public Tally(PieceLayout layout, BitSet here, IntPredicate fromOrigin) {
    this.layout = layout;
    this.here = here;
    this.fromOrigin = fromOrigin;
  }

  /** Counts bytes from {@code position} on. */
  public void delivered(long position, int count) {
    long store = sources.store();
    long peers = sources.peers();
    long origin = sources.origin();
    long end = position + count;
    for (long at = position; at < end; ) {
      int piece = layout.pieceAt(at);
      long next = Math.min(end, layout.span(piece).end());
      if (here.get(piece)) {
        store += next - at;
      } else if (fromOrigin.test(piece)) {
        origin += next - at;
      } else {
        peers += next - at;
      }
      at = next;
    }
    sources = new Sources(store, peers, origin);
  }

  /** What has been delivered so far. */
  public Sources sources() {
    return sources;
  }

  /** How many bytes of a span lie in pieces that are here. */
  public static long held(PieceLayout layout, BitSet here, ByteSpan span) {
    long held = 0;
    for (long at = span.start(); at < span.end(); ) {
      int piece = layout.pieceAt(at);
      boolean has = here.get(piece);
      // On to the next piece that differs, for a span may have a great many.
      int change = has ? here.nextClearBit(piece) : here.nextSetBit(piece);
      boolean last = change < 0 || change >= layout.pieceCount();
      long next = Math.min(span.end(), last ? span.end() : layout.start(change));
      held += has ? next - at : 0;
      at = next;
    }
    return held;
  }
}
