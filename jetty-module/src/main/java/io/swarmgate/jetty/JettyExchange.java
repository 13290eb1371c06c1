package io.swarmgate.jetty;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Field;
import io.swarmgate.filter.http.ChainAnswer;
import io.swarmgate.filter.http.Exchange;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** One request to a Jetty server and its response. */
final class JettyExchange implements Exchange {
  /** Hands a request on to the handler behind ours, from a thread that may block. */
  interface Next {
    void handle(Request request, Response response, Callback callback);
  }

  private enum State {
    /** The handler's call has not returned. */
    HANDLING,
    /** The next handler's turn came during that call, so the call can do it itself. */
    HANDED_ON,
    /** The handler's call has returned that it takes care of the request. */
    TAKEN
  }

  private final RequestView view;
  private final Request request;
  private final Response response;
  private final Callback callback;
  private final Next next;
  private final Thread handling = Thread.currentThread();
  private final AtomicReference<State> state = new AtomicReference<>(State.HANDLING);

  JettyExchange(
      RequestView view, Request request, Response response, Callback callback, Next next) {
    this.view = view;
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.next = next;
  }

  /**
   * Ends the handler's call.
   *
   * @return false if the next handler shall answer, in this very call
   */
  boolean taken() {
    return state.compareAndSet(State.HANDLING, State.TAKEN);
  }

  @Override
  public RequestView request() {
    return view;
  }

  /** By the types of the context the request is in: the server's, at server level. */
  @Override
  public @Nullable String mimeType(String path) {
    return request.getContext().getMimeTypes().getMimeByExtension(path);
  }

  @Override
  public void respond(int status, List<Field> fields, Body body) {
    Response plain = Uncompressed.of(response);
    BodyWriter writer = new BodyWriter(plain, callback, () -> setHead(plain, status, fields), body);
    // While a body is awaited nothing is written, and Jetty would end that as idle. How long to
    // wait is the body's to decide: it fails when its own limit has passed.
    request.addIdleTimeoutListener(timeout -> false);
    request.addFailureListener(writer::abort);
    writer.iterate();
  }

  @Override
  public void ask(Consumer<ChainAnswer> answered) {
    ChainRequest question = new ChainRequest(request);
    ChainResponse answer = new ChainResponse(question, response);
    // Some of Jetty's error handlers complete a callback twice: the server's own takes the first.
    AtomicBoolean known = new AtomicBoolean();
    Consumer<ChainAnswer> once =
        given -> {
          if (known.compareAndSet(false, true)) {
            question.end();
            answered.accept(given);
          }
        };
    Callback told =
        Callback.from(() -> once.accept(answer.answer()), failure -> once.accept(ChainAnswer.NONE));
    onBlockingThread(() -> next.handle(question, answer, told));
  }

  /** The same request, this time to be answered. */
  @Override
  public void refuse() {
    next();
  }

  /** Runs what may block: here, if this is still the handler's call, or on the server's threads. */
  private void onBlockingThread(Runnable task) {
    if (Thread.currentThread() == handling && state.get() == State.HANDLING) {
      task.run();
    } else {
      request.getComponents().getExecutor().execute(task);
    }
  }

  @Override
  public void next() {
    if (!state.compareAndSet(State.HANDLING, State.HANDED_ON)) {
      // The caller's thread is one of few that wake responses; a web application may block.
      request.getComponents().getExecutor().execute(() -> next.handle(request, response, callback));
    }
  }

  @Override
  public void fail(int status) {
    bareError(Uncompressed.of(response), callback, status);
  }

  /** Sends an error without a page. */
  static void bareError(Response response, Callback callback, int status) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, 0);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.write(true, null, callback);
  }

  private static void setHead(Response response, int status, List<Field> fields) {
    response.setStatus(status);
    HttpFields.Mutable headers = response.getHeaders();
    Set<String> seen = new HashSet<>();
    for (Field field : fields) {
      // Ours take the place of what Jetty has set already, Date and Server. Vary adds up.
      if (seen.add(field.name().toLowerCase(Locale.ROOT)) && !field.is("Vary")) {
        headers.put(field.name(), field.value());
      } else {
        headers.add(field.name(), field.value());
      }
    }
  }
}
