package io.swarmgate.backend.origin;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.config.Fill;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.WakingReader;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.Swarm;
import java.time.Clock;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A generation with a torrent: read from its swarm, and from its origin where that is too slow. */
final class SwarmGeneration implements Generation {
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
  private final boolean ours;
  private volatile boolean suspect;
  private volatile boolean broken;

  SwarmGeneration(
      SiteConfig site,
      OriginClient client,
      Target target,
      @Nullable String etag,
      @Nullable String described,
      TorrentFacts facts,
      Torrents.Use use,
      PieceOpener pieces,
      EdgeFiles files,
      boolean ours,
      LongConsumer fetched,
      Executor work,
      Clock clock) {
    this.facts = facts;
    this.target = target;
    this.use = use;
    this.pieces = pieces;
    this.files = files;
    this.site = site;
    this.work = work;
    this.ours = ours;
    this.budget = new PieceBudget(facts.layout().pieceLength());
    this.fetcher =
        new PieceFetcher(
            client,
            target,
            facts.layout(),
            etag,
            described,
            budget,
            use::hasSources,
            fetched,
            () -> suspect = true,
            work,
            clock);
  }

  @Override
  public TorrentFacts facts() {
    return facts;
  }

  @Override
  public Target target() {
    return target;
  }

  @Override
  public boolean isOurs() {
    return ours;
  }

  @Override
  public long hashed() {
    return facts.layout().length();
  }

  @Override
  public boolean isSuspect() {
    return suspect;
  }

  @Override
  public void confirmed() {
    suspect = false;
  }

  @Override
  public boolean pin() {
    return pins.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
  }

  @Override
  public void release() {
    if (pins.decrementAndGet() == 0) {
      use.release();
    }
  }

  @Override
  public boolean isPinned() {
    return pins.get() > 0;
  }

  @Override
  public void abandon() {}

  /** Whether its torrent could not be woken. */
  @Override
  public boolean isBroken() {
    return broken;
  }

  @Override
  public boolean isUnusable() {
    return false;
  }

  @Override
  public boolean canServe(RequestView request) {
    return true;
  }

  /** Doesn't wake the torrent. */
  @Override
  public void keep(List<Field> asked) {
    pieces.keep();
  }

  @Override
  public boolean isKept() {
    return pieces.isKept();
  }

  @Override
  public long held(ByteSpan span) {
    return Tally.held(facts.layout(), files.pieces(facts.infoHash()), span);
  }

  @Override
  public boolean comes(ByteSpan span) {
    BitSet here = files.pieces(facts.infoHash());
    int end = facts.layout().pieceAt(span.end() - 1) + 1;
    int piece = here.nextClearBit(facts.layout().pieceAt(span.start()));
    while (piece < end && fetcher.isFetching(piece)) {
      piece = here.nextClearBit(piece + 1);
    }
    return piece >= end;
  }

  @Override
  public boolean isSlow() {
    return fetcher.isSwarmSlow();
  }

  /** Wakes the torrent. */
  @Override
  public ContentReader reader(List<Field> asked) {
    if (!pin()) {
      throw new IllegalStateException(facts + " is closed");
    }
    Tally tally = new Tally(facts.layout(), files.pieces(facts.infoHash()), fetcher::hasBrought);
    return new PinnedReader(
        WakingReader.of(use, join -> reader(join, asked), work), budget, tally, this::release);
  }

  private ContentReader reader(Supplier<Swarm> join, List<Field> asked) {
    try {
      Swarm swarm = join.get();
      if (site.fill() == Fill.FULL) {
        swarm.fill(true);
      }
      return swarm.reader(new ReadPolicy(site.maxStall(), STALL_LIMIT, fetcher.over(swarm, asked)));
    } catch (RuntimeException e) {
      broken = true;
      throw e;
    }
  }
}
