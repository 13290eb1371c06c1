package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.Swarm;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Races peers for single pieces of one generation: fetches them from its origins, each at most once
 * at a time and within a budget, and gives up what peers bring first. The pieces' hashes decide
 * what is right, whichever origin it comes from. Thread-safe; never blocks.
 */
final class PieceFetcher {
  private static final Logger LOG = LoggerFactory.getLogger(PieceFetcher.class);

  /** Tries of one race. Who still waits then begins another. */
  private static final int TRIES = 3;

  private final OriginClient client;
  private final Target target;
  private final PieceLayout layout;
  private final @Nullable String etag;
  private final @Nullable String described;
  private final PieceBudget budget;
  private final BooleanSupplier peersHaveAny;
  private final LongConsumer fetched;
  private final Runnable onChanged;
  private final Executor work;
  private final Clock clock;
  private final Races races;
  private final Map<Integer, Flight> inFlight = new ConcurrentHashMap<>();

  /** Pieces that came from the origin, or are about to. Guarded by itself. */
  private final Brought brought = new Brought();

  /** A piece that is being fetched. */
  private record Flight(int piece, ByteSpan span, Swarm swarm, List<Field> asked, Call call) {}

  /**
   * Takes what is fetched from where.
   *
   * @param etag the strong entity-tag of the version; null if it has none
   * @param described base URL of the origin whose entity-tag that is; null if unknown
   * @param peersHaveAny whether waiting for peers makes sense; the budget counts only then
   * @param fetched told of bytes that came
   * @param onChanged told that the origin seems to have another version
   * @param work runs what is tried again
   */
  PieceFetcher(
      OriginClient client,
      Target target,
      PieceLayout layout,
      @Nullable String etag,
      @Nullable String described,
      PieceBudget budget,
      BooleanSupplier peersHaveAny,
      LongConsumer fetched,
      Runnable onChanged,
      Executor work,
      Clock clock) {
    this.client = client;
    this.target = target;
    this.layout = layout;
    this.etag = etag;
    this.described = described;
    this.budget = budget;
    this.peersHaveAny = peersHaveAny;
    this.fetched = fetched;
    this.onChanged = onChanged;
    this.work = work;
    this.clock = clock;
    this.races = new Races(clock);
  }

  /**
   * Races the peers of an awake swarm.
   *
   * @param asked fields to ask with: the credentials of who waits. A piece counts by its hash
   *     alone, so that it is the same for whoever may have it
   */
  ReadPolicy.PieceFallback over(Swarm swarm, List<Field> asked) {
    return new ReadPolicy.PieceFallback() {
      @Override
      public void fetch(int piece) {
        PieceFetcher.this.fetch(piece, swarm, asked);
      }

      @Override
      public void arrived(int piece) {
        PieceFetcher.this.arrived(piece);
      }
    };
  }

  /** Begins to fetch a piece for a swarm, unless that is under way or the budget is used up. */
  void fetch(int piece, Swarm swarm, List<Field> asked) {
    ByteSpan span = layout.span(piece);
    Flight flight = new Flight(piece, span, swarm, asked, new Call());
    if (inFlight.putIfAbsent(piece, flight) != null) {
      return;
    }
    boolean within = budget.take(span.length());
    if (!within && peersHaveAny.getAsBoolean()) {
      inFlight.remove(piece, flight);
      races.ended(true);
      LOG.debug("{}: piece {} waits for peers, the origin's budget is used up", target, piece);
      return;
    }
    race(flight, within, 0);
  }

  /** A piece is here: who is still fetching it has lost. */
  void arrived(int piece) {
    Flight flight = inFlight.get(piece);
    if (flight != null && !hasBrought(piece)) {
      flight.call().cancel();
      races.ended(false);
    }
  }

  /** Whether a piece is being fetched. */
  boolean isFetching(int piece) {
    return inFlight.containsKey(piece);
  }

  /** Whether the swarm has been slower than the origin for a while. */
  boolean isSwarmSlow() {
    return races.isSwarmSlow();
  }

  private void race(Flight flight, boolean within, int failures) {
    var unused =
        client
            .each(origin -> fetch(flight, origin))
            .whenComplete(
                (done, e) -> {
                  if (e == null) {
                    races.ended(true);
                    inFlight.remove(flight.piece(), flight);
                  } else {
                    failed(flight, within, failures + 1, OriginClient.cause(e));
                  }
                });
  }

  private void failed(Flight flight, boolean within, int failures, Throwable cause) {
    boolean lost = flight.call().isCancelled();
    boolean again =
        !lost
            && failures < TRIES
            && (!(cause instanceof FitException fit) || fit.fit() instanceof Fit.Failed);
    if (again) {
      var pause =
          client.timeouts().retry().pause(failures, ThreadLocalRandom.current().nextDouble());
      CompletableFuture.delayedExecutor(pause.toNanos(), TimeUnit.NANOSECONDS, work)
          .execute(() -> race(flight, within, failures));
      return;
    }
    if (!lost) {
      LOG.warn("{}: piece {}: {}", target, flight.piece(), cause.toString());
    }
    if (within) {
      budget.giveBack(flight.span().length());
    }
    inFlight.remove(flight.piece(), flight);
  }

  /** Whether a piece that is here came from the origin. */
  boolean hasBrought(int piece) {
    return brought.has(piece);
  }

  /** Fails unless the right piece came and was kept. */
  private CompletionStage<Boolean> fetch(Flight flight, Origin origin) {
    if (flight.call().isCancelled()) {
      return CompletableFuture.failedStage(new FitException(new Fit.Unusable("peers were first")));
    }
    boolean describer = described == null || described.equals(origin.base().toString());
    return client
        .forFields(flight.asked())
        .range(
            origin, target, fields(flight, describer), (int) flight.span().length(), flight.call())
        .thenCompose(answer -> offer(flight, answer, describer));
  }

  private List<Field> fields(Flight flight, boolean describer) {
    ByteSpan span = flight.span();
    List<Field> fields = new ArrayList<>(flight.asked());
    fields.add(new Field("Range", "bytes=" + span.start() + "-" + (span.end() - 1)));
    String validator = etag;
    if (validator != null && describer) {
      fields.add(new Field("If-Match", validator));
      fields.add(new Field("If-Range", validator));
    }
    return fields;
  }

  private CompletionStage<Boolean> offer(Flight flight, Answer<byte[]> answer, boolean describer) {
    Fit fit = fit(flight, answer);
    if (!(fit instanceof Fit.Part)) {
      if (describer && !(fit instanceof Fit.Failed)) {
        onChanged.run();
      }
      return CompletableFuture.failedStage(new FitException(fit));
    }
    byte[] body = answer.response().body();
    fetched.accept(body.length);
    return brought
        .offer(flight.swarm(), flight.piece(), ByteBuffer.wrap(body))
        .thenCompose(right -> right ? CompletableFuture.completedStage(true) : wrong(describer));
  }

  private CompletionStage<Boolean> wrong(boolean describer) {
    if (describer) {
      onChanged.run();
    }
    return CompletableFuture.failedStage(
        new FitException(new Fit.Changed("expected what the metainfo promises, got other bytes")));
  }

  private Fit fit(Flight flight, Answer<byte[]> answer) {
    // No validator is asked for: the hash says more.
    Fit.Asked asked = new Fit.Asked(flight.span(), layout.length(), null, null);
    Fit fit = Fit.of(answer.status(), answer.headers(), asked, clock.instant());
    int length = answer.response().body().length;
    if (fit instanceof Fit.Whole) {
      return new Fit.Unusable("expected 206 with " + asked.contentRange() + ", got 200");
    }
    return fit instanceof Fit.Part && length != flight.span().length()
        ? new Fit.Unusable("expected " + flight.span().length() + " bytes, got " + length)
        : fit;
  }
}
