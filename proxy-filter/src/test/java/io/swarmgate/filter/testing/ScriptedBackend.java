package io.swarmgate.filter.testing;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A backend that answers as a test says, below {@code /s/}. */
public final class ScriptedBackend implements Backend, AutoCloseable {
  private volatile Function<RequestView, CompletionStage<Outcome>> script =
      request -> CompletableFuture.completedFuture(new Outcome.Next());
  private volatile boolean closed;

  public void answer(Outcome outcome) {
    script = request -> CompletableFuture.completedFuture(outcome);
  }

  /** Answers on the hand-off executor, after {@code open} has returned. */
  public void answerLater(CompletableFuture<Outcome> outcome) {
    script = request -> outcome;
  }

  public void script(Function<RequestView, CompletionStage<Outcome>> function) {
    script = function;
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public boolean accepts(RequestView request) {
    return request.rawPath().startsWith("/s/");
  }

  @Override
  public CompletionStage<Outcome> open(RequestView request) {
    return script.apply(request);
  }

  @Override
  public void close() {
    closed = true;
  }
}
