package io.swarmgate.backend.origin;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.ContentHashes;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoMaker;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.store.Incoming;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A generation whose origin has no metainfo: taken in with its first reader, served meanwhile from
 * what has come, and from its own swarm once it is hashed.
 */
final class IngestedGeneration implements Generation, Ingest.Owner {
  private static final Pattern FROM = Pattern.compile("bytes=(\\d{1,18})-\\d*");

  private final IngestFrom from;
  private final Ingests ingests;
  private final Consumer<Generation> onHashed;
  private final PieceLayout layout;
  private final AtomicInteger pins = new AtomicInteger(1);

  /** Begun once, by whoever comes first; the others wait for that. */
  private final AtomicReference<@Nullable CompletableFuture<Ingest>> begun =
      new AtomicReference<>();

  private final AtomicBoolean swarmReleased = new AtomicBoolean();
  private volatile @Nullable Generation swarm;
  private volatile Ingest.@Nullable Verdict ended;

  /**
   * Takes in nothing before somebody reads.
   *
   * @param onHashed told when it has a torrent, on any thread
   */
  IngestedGeneration(IngestFrom from, Ingests ingests, Consumer<Generation> onHashed) {
    this.from = from;
    this.ingests = ingests;
    this.onHashed = onHashed;
    long length = from.head().length();
    this.layout = new PieceLayout(length, MetainfoMaker.pieceLength(length));
  }

  @Override
  public @Nullable TorrentFacts facts() {
    Generation made = swarm;
    return made == null ? null : made.facts();
  }

  @Override
  public Target target() {
    return from.target();
  }

  @Override
  public boolean isOurs() {
    return true;
  }

  @Override
  public long hashed() {
    Ingest running = ingest();
    return running == null ? 0 : running.contiguous();
  }

  @Override
  public boolean isSuspect() {
    Generation made = swarm;
    // One that has ended is broken, which says more.
    return made != null && made.isSuspect();
  }

  @Override
  public void confirmed() {
    Generation made = swarm;
    if (made != null) {
      made.confirmed();
    }
  }

  @Override
  public boolean pin() {
    return pins.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
  }

  @Override
  public void release() {
    if (pins.decrementAndGet() > 0) {
      return;
    }
    Ingest running = ingest();
    if (swarm != null) {
      releaseSwarm();
    } else if (running != null) {
      running.abandon();
    }
  }

  private void releaseSwarm() {
    Generation made = swarm;
    if (made != null && swarmReleased.compareAndSet(false, true)) {
      made.release();
    }
  }

  @Override
  public boolean isPinned() {
    return pins.get() > 0;
  }

  @Override
  public void abandon() {
    Ingest running = ingest();
    if (swarm == null && running != null) {
      running.abandon();
    }
  }

  @Override
  public boolean isBroken() {
    Generation made = swarm;
    return made == null ? ended != null : made.isBroken();
  }

  @Override
  public boolean isUnusable() {
    return ended == Ingest.Verdict.UNUSABLE;
  }

  /**
   * Where no parts can be asked for, what is far ahead comes when all before it has: too late. The
   * origin itself may know what to do with such a request.
   */
  @Override
  public boolean canServe(RequestView request) {
    String range = request.field("Range");
    if (swarm != null || range == null || !request.method().equals("GET")) {
      return true;
    }
    Ingest running = ingest();
    if (running == null ? from.isStrong() : running.hasRanges()) {
      return true;
    }
    Matcher first = FROM.matcher(range.strip());
    long here = running == null ? 0 : running.contiguous();
    return first.matches() && Long.parseLong(first.group(1)) <= here;
  }

  @Override
  public void keep(List<Field> asked) {
    Generation made = swarm;
    if (made == null) {
      Ingest unused = begin(asked);
    } else {
      made.keep(asked);
    }
  }

  @Override
  public boolean isKept() {
    Generation made = swarm;
    return made == null ? ingest() != null : made.isKept();
  }

  private Ingest begin(List<Field> asked) {
    CompletableFuture<Ingest> mine = new CompletableFuture<>();
    CompletableFuture<Ingest> there = begun.compareAndExchange(null, mine);
    if (there == null) {
      try {
        mine.complete(ingests.begin(from.with(asked), layout, this));
      } catch (IOException e) {
        mine.completeExceptionally(new UncheckedIOException(e));
      }
    }
    try {
      return (there == null ? mine : there).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof UncheckedIOException io ? io : e;
    }
  }

  private @Nullable Ingest ingest() {
    CompletableFuture<Ingest> there = begun.get();
    return there == null || !there.isDone() || there.isCompletedExceptionally()
        ? null
        : there.join();
  }

  @Override
  public long held(ByteSpan span) {
    Generation made = swarm;
    Ingest running = ingest();
    if (made != null) {
      return made.held(span);
    }
    return running == null ? 0 : Tally.held(layout, running.pieces(), span);
  }

  @Override
  public boolean comes(ByteSpan span) {
    Generation made = swarm;
    Ingest running = ingest();
    return made == null ? running != null && running.comes(span) : made.comes(span);
  }

  @Override
  public boolean isSlow() {
    Generation made = swarm;
    return made != null && made.isSlow();
  }

  @Override
  public ContentReader reader(List<Field> asked) {
    Generation made = swarm;
    if (made != null) {
      // Which has pins of its own.
      return made.reader(asked);
    }
    if (!pin()) {
      throw new IllegalStateException(from + " is closed");
    }
    Ingest running = begin(asked);
    running.start();
    Tally tally = new Tally(layout, running.pieces(), piece -> true);
    IngestReader reader = new IngestReader(running, asked, ingests.handOff(), tally, this::release);
    running.add(reader);
    return reader;
  }

  @Override
  public CompletionStage<Generation> hashed(Incoming incoming, ContentHashes hashes)
      throws IOException {
    Metainfo metainfo = ingests.encode(hashes, from.target().name());
    PieceStore store = incoming.publish(metainfo);
    return ingests
        .publish(from, metainfo)
        .thenApply(this::become)
        // Not before the swarm has its own use of it; and not here, since it forces it to disk.
        .whenComplete((made, e) -> ingests.execute(store::close));
  }

  private Generation become(Generation made) {
    swarm = made;
    if (pins.get() == 0) {
      releaseSwarm();
    }
    onHashed.accept(this);
    return made;
  }

  @Override
  public void ended(Ingest.Verdict verdict) {
    ended = verdict;
  }
}
