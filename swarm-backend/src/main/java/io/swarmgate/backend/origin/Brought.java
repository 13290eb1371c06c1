package io.swarmgate.backend.origin;

import io.swarmgate.backend.swarm.Swarm;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.CompletionStage;

/** The pieces of a torrent that an origin brought, since this node started. Thread-safe. */
final class Brought {
  private final BitSet pieces = new BitSet();

  /** Whether a piece that is here came from an origin. */
  synchronized boolean has(int piece) {
    return pieces.get(piece);
  }

  private synchronized void set(int piece, boolean value) {
    pieces.set(piece, value);
  }

  /** Offers a swarm what an origin says is a piece; completes with whether it is. */
  CompletionStage<Boolean> offer(Swarm swarm, int piece, ByteBuffer bytes) {
    // Before the offer, which wakes readers that ask.
    set(piece, true);
    return swarm
        .offer(piece, bytes)
        .whenComplete(
            (right, e) -> {
              if (e != null || !right) {
                set(piece, false);
              }
            });
  }
}
