package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.Fill;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.WakingReader;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.Swarm;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
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
  private final EdgeFiles files;
  private final SiteConfig site;
  private final PieceBudget budget;
  private final PieceFetcher fetcher;
  private final AtomicInteger pins = new AtomicInteger(1);
  private final Executor work;
  private volatile boolean suspect;
  private volatile boolean broken;

  Generation(
      SiteConfig site,
      OriginClient client,
      Target target,
      @Nullable String etag,
      TorrentFacts facts,
      Torrents.Use use,
      PieceOpener pieces,
      EdgeFiles files,
      LongConsumer fetched,
      Executor work) {
    this.facts = facts;
    this.target = target;
    this.use = use;
    this.pieces = pieces;
    this.files = files;
    this.site = site;
    this.work = work;
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

  /** Whether its torrent could not be woken, so that the origin has to answer. */
  boolean isBroken() {
    return broken;
  }

  /**
   * Makes sure that the store has the torrent, without waking it. Blocks on the disk the first
   * time.
   *
   * @throws UncheckedIOException if the store can't take it
   */
  void keep() {
    pieces.keep();
  }

  /** Whether {@link #keep} has nothing to do, and so doesn't block. */
  boolean isKept() {
    return pieces.isKept();
  }

  /** How many bytes of a span are here. */
  long held(ByteSpan span) {
    return Tally.held(facts.layout(), files.pieces(facts.infoHash()), span);
  }

  /** Opens a reader that has a pin of its own, and wakes the torrent; the caller holds a pin. */
  ContentReader reader() {
    if (!pin()) {
      throw new IllegalStateException(facts + " is closed");
    }
    Tally tally = new Tally(facts.layout(), files.pieces(facts.infoHash()), fetcher::hasBrought);
    return new PinnedReader(WakingReader.of(use, this::reader, work), budget, tally, this::release);
  }

  private ContentReader reader(Supplier<Swarm> join) {
    try {
      Swarm swarm = join.get();
      if (site.fill() == Fill.FULL) {
        swarm.fill(true);
      }
      return swarm.reader(
          new ReadPolicy(site.maxStall(), STALL_LIMIT, piece -> fetcher.fetch(piece, swarm)));
    } catch (RuntimeException e) {
      broken = true;
      throw e;
    }
  }
}
