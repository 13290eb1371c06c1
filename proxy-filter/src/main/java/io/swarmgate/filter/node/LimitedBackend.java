package io.swarmgate.filter.node;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A backend that is asked for no more responses at a time than its limits allow; more are refused.
 * A response counts from the request until its body is closed, however it ends, or until it is
 * known that it has no body. What goes on to the next handler doesn't count from then on.
 */
final class LimitedBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(LimitedBackend.class);

  /** When who was refused may come again. */
  private static final Duration RETRY = Duration.ofSeconds(5);

  private static final long TOLD_EVERY = TimeUnit.MINUTES.toNanos(1);

  private final Backend backend;
  private final ResponseLimits limits;
  private final Consumer<RequestView> refused;
  private final AtomicLong toldAt = new AtomicLong(System.nanoTime() - TOLD_EVERY);

  LimitedBackend(Backend backend, ResponseLimits limits) {
    this(backend, limits, request -> {});
  }

  /**
   * The same, watched.
   *
   * @param refused told of requests that are refused
   */
  LimitedBackend(Backend backend, ResponseLimits limits, Consumer<RequestView> refused) {
    this.backend = backend;
    this.limits = limits;
    this.refused = refused;
  }

  /** Responses under way. */
  int responses() {
    return limits.count();
  }

  @Override
  public boolean accepts(RequestView request) {
    return backend.accepts(request);
  }

  @Override
  public boolean involvesChain(RequestView request) {
    return backend.involvesChain(request);
  }

  @Override
  public CompletionStage<Outcome> open(RequestView request) {
    ResponseLimits.Place place = limits.take(request.clientAddress());
    if (place == null) {
      tell(request);
      refused.accept(request);
      return CompletableFuture.completedStage(new Outcome.Busy(RETRY));
    }
    return held(() -> backend.open(request), place);
  }

  private static CompletionStage<Outcome> held(
      Supplier<CompletionStage<Outcome>> open, ResponseLimits.Place place) {
    CompletionStage<Outcome> opening;
    try {
      opening = open.get();
    } catch (RuntimeException | Error e) {
      place.giveBack();
      throw e;
    }
    return opening.handle(
        (outcome, failure) -> {
          if (failure != null) {
            place.giveBack();
            throw failure instanceof CompletionException known
                ? known
                : new CompletionException(failure);
          }
          return held(outcome, place);
        });
  }

  private static Outcome held(Outcome outcome, ResponseLimits.Place place) {
    if (outcome instanceof Outcome.Serve serve) {
      return new Outcome.Serve(new HeldRepresentation(serve.representation(), place));
    }
    if (outcome instanceof Outcome.PassThrough origin) {
      return new Outcome.PassThrough(
          origin.status(), origin.fields(), new HeldBody(origin.body(), place));
    }
    if (outcome instanceof Outcome.Ask ask) {
      return new Outcome.Ask(
          () -> held(ask.allowed(), place),
          () -> {
            place.giveBack();
            ask.refused().run();
          });
    }
    place.giveBack();
    return outcome;
  }

  /** Who drowns us must not drown the log as well. */
  private void tell(RequestView request) {
    long last = toldAt.get();
    long now = System.nanoTime();
    if (now - last >= TOLD_EVERY && toldAt.compareAndSet(last, now)) {
      LOG.warn(
          "{} responses are under way, as many as maxResponses or maxResponsesPerClient allow:"
              + " refused {} and perhaps others since",
          limits.count(),
          request.clientAddress());
    }
  }
}
