package io.swarmgate.backend;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** What is to be done with a request. */
public sealed interface Outcome {
  /**
   * Answer from this representation, by RFC 9110. The receiver closes it.
   *
   * @param representation pinned for the whole response
   */
  record Serve(Representation representation) implements Outcome {}

  /**
   * Relay an origin's response as it is. The receiver closes the body.
   *
   * @param status its status code
   * @param fields its end-to-end fields; Content-Length among them only if the origin sent it
   * @param body its content; ended at once for a HEAD, 204 or 304
   */
  record PassThrough(int status, List<Field> fields, Body body) implements Outcome {}

  /** Go on as if Swarmgate were not there: the next in the chain answers. */
  record Next() implements Outcome {}

  /**
   * Answer with an error. Clients get the status alone, the log gets the reason.
   *
   * @param status 4xx or 5xx
   * @param reason one line: what was expected and what came
   */
  record Fail(int status, String reason) implements Outcome {}

  /**
   * Ask the next in the chain first, with this request as a HEAD: only if it answers 2xx may we
   * answer; else its own answer is the client's. The receiver calls one of the two, once.
   *
   * @param allowed says what to do if we may; never to go on, nor to ask again
   * @param refused gives up what would have been answered
   */
  record Ask(Supplier<CompletionStage<Outcome>> allowed, Runnable refused) implements Outcome {}

  /**
   * Answer 503: as many responses are under way as may be.
   *
   * @param retryAfter when the client may ask again, in whole seconds
   */
  record Busy(Duration retryAfter) implements Outcome {}
}
