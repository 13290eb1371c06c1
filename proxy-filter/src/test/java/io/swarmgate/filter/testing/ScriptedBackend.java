package io.swarmgate.filter.testing;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A backend that answers as a test says, below {@code /s/}. */
public final class ScriptedBackend implements Backend, AutoCloseable {
  private volatile Function<RequestView, CompletionStage<Outcome>> script =
      request -> CompletableFuture.completedFuture(new Outcome.Next());
  private final AtomicInteger opened = new AtomicInteger();
  private volatile boolean closed;
  private volatile boolean chain;

  public void answer(Outcome outcome) {
    script = request -> CompletableFuture.completedFuture(outcome);
  }

  /** Answers when the test completes this. */
  public void answerLater(CompletableFuture<Outcome> outcome) {
    script = request -> outcome;
  }

  public void script(Function<RequestView, CompletionStage<Outcome>> function) {
    script = function;
  }

  /** Says of itself that the chain may have a part in its answers. */
  public ScriptedBackend involvingChain() {
    chain = true;
    return this;
  }

  @Override
  public boolean involvesChain(RequestView request) {
    return chain;
  }

  /** Requests that have come to {@link #open}. */
  public int opened() {
    return opened.get();
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
    opened.incrementAndGet();
    return script.apply(request);
  }

  @Override
  public void close() {
    closed = true;
  }
}
