package io.swarmgate.backend.swarm;

import java.time.Duration;

/**
 * How a reader waits.
 *
 * @param maxStall time without a new block for the awaited piece after which {@code fallback} is
 *     asked for it; zero or less: never
 * @param stallLimit time without a new byte after which the reader fails
 * @param fallback where else a piece can come from
 */
public record ReadPolicy(Duration maxStall, Duration stallLimit, PieceFallback fallback) {
  /** Waits for peers alone, and at most 20 s for each next byte. */
  public static final ReadPolicy PEERS_ONLY =
      new ReadPolicy(Duration.ZERO, Duration.ofSeconds(20), piece -> {});

  /** Asked for a piece that peers are too slow to bring. */
  @FunctionalInterface
  public interface PieceFallback {
    /**
     * Begins to fetch a piece and returns; what comes is given to {@link Swarm#offer}. Called on
     * the hand-off executor, and again each time that the wait for a block has doubled.
     */
    void fetch(int piece);

    /**
     * A piece that was asked for is here, whoever brought it: fetching it further is in vain.
     * Called on the hand-off executor.
     */
    default void arrived(int piece) {}
  }
}
