package io.swarmgate.backend;

import java.util.concurrent.CompletionStage;

/** Decides what a request is answered from. The one thing the HTTP side needs to know of us. */
public interface Backend {
  /**
   * Says whether {@link #open} could answer with anything but {@link Outcome.Next}: a site and a
   * pattern match, and the method is GET or HEAD. Cheap, no I/O; what it refuses costs nothing
   * more.
   */
  boolean accepts(RequestView request);

  /**
   * Whether the next in the chain may have a part in the answer: {@link #open} may say {@link
   * Outcome.Next} or {@link Outcome.Ask}. A container in which all of the chain is reached only by
   * the call it makes keeps that call waiting for the decision then, and answers 503 if it comes
   * too late for that. Cheap, no I/O.
   */
  default boolean involvesChain(RequestView request) {
    return true;
  }

  /**
   * Decides about a request. Never blocks; the stage may complete on any thread, but not under a
   * lock and not on an I/O loop. It never fails: trouble is an {@link Outcome.Fail}, {@link
   * Outcome.PassThrough} or {@link Outcome.Next}.
   */
  CompletionStage<Outcome> open(RequestView request);
}
