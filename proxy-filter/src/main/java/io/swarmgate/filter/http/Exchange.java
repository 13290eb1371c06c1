package io.swarmgate.filter.http;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Field;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response in a container: all that the HTTP side asks of Jetty or a servlet
 * container. Exactly one of the four endings is called, once, from any thread.
 */
public interface Exchange {
  RequestView request();

  /** The media type the container knows for a path's extension; null if it knows none. */
  @Nullable String mimeType(String path);

  /**
   * Sends the head and the body, and closes the body when the last byte is written, when the client
   * has gone, or when the body fails. The head goes out with the first slice: a body that fails
   * before it is answered with 504 if it stalled, else 502. One that fails later aborts the
   * connection, so that no client takes a short body for a whole one. Returns at once.
   *
   * @param status the status code
   * @param fields all fields of the head, Content-Length among them where the length is known
   * @param body what follows; one that has {@code ended()} for a response without content
   */
  void respond(int status, List<Field> fields, Body body);

  /**
   * Asks the container's next handler or filter whether we may answer: sends it the request as a
   * HEAD without ranges and conditions, and keeps its answer from the client. Called at most once,
   * before the ending, by who may not {@link #next} any more.
   *
   * @param answered told of the answer, once, from any thread
   */
  void ask(Consumer<ChainAnswer> answered);

  /** Lets the container's next handler or filter answer, as if we were not there. */
  void next();

  /** Lets the client have the refusal of who was {@link #ask asked}. */
  void refuse();

  /** Answers with a bare error of this status, no stack trace, no page that tells of us. */
  void fail(int status);
}
