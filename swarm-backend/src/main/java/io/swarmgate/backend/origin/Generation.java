package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.Fill;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.Swarm;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One version of one URL's content on an edge. Whoever knows it, serves it or reads it holds a pin;
 * with the last pin its torrent goes. Born with one pin. Thread-safe.
 */
final class Generation {
  private static final Duration STALL_LIMIT = Duration.ofSeconds(20);

  private final TorrentFacts facts;
  private final Target target;
  private final Torrents.Use use;
  private final PieceOpener pieces;
  private final SiteConfig site;
  private final PieceBudget budget;
  private final PieceFetcher fetcher;
  private final AtomicInteger pins = new AtomicInteger(1);
  private volatile boolean suspect;

  Generation(
      SiteConfig site,
      OriginClient client,
      Target target,
      @Nullable String etag,
      TorrentFacts facts,
      Torrents.Use use,
      PieceOpener pieces,
      LongConsumer fetched) {
    this.facts = facts;
    this.target = target;
    this.use = use;
    this.pieces = pieces;
    this.site = site;
    this.budget = new PieceBudget(facts.layout().pieceLength());
    this.fetcher =
        new PieceFetcher(
            client,
            target,
            facts.layout(),
            etag,
            budget,
            use::hasSources,
            fetched,
            () -> suspect = true);
  }

  TorrentFacts facts() {
    return facts;
  }

  Target target() {
    return target;
  }

  /** Whether the origin seems to have another version by now. */
  boolean isSuspect() {
    return suspect;
  }

  /** Notes that the origin still has this version. */
  void confirmed() {
    suspect = false;
  }

  /** Takes a pin; false if the last one was given back already. */
  boolean pin() {
    return pins.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
  }

  /** Gives a pin back. */
  void release() {
    if (pins.decrementAndGet() == 0) {
      use.release();
    }
  }

  /**
   * Wakes the torrent.
   *
   * @throws IllegalStateException if the engine has removed it
   */
  Swarm join() {
    Swarm swarm = use.join();
    pieces.opened();
    if (site.fill() == Fill.FULL) {
      swarm.fill(true);
    }
    return swarm;
  }

  /** Opens a reader that has a pin of its own; the caller holds one. */
  ContentReader reader(Swarm swarm) {
    if (!pin()) {
      throw new IllegalStateException(facts + " is closed");
    }
    ReadPolicy policy =
        new ReadPolicy(site.maxStall(), STALL_LIMIT, piece -> fetcher.fetch(piece, swarm));
    return new PinnedReader(swarm.reader(policy), budget, this::release);
  }
}
