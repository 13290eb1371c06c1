package io.swarmgate.filter.servlet;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.filter.http.ChainAnswer;
import io.swarmgate.filter.http.Exchange;
import io.swarmgate.filter.http.SourceAttributes;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An exchange in a servlet container.
 *
 * <p>An ending that comes before {@link #leave} is carried out there, on the container's thread and
 * as synchronously as it can be. One that comes later finds the request in async mode and is
 * carried out on the thread it comes on. The chain is gone down once: with the request, or with a
 * question whether it may be answered here, which has an ending after it.
 */
final class ServletExchange implements Exchange, AsyncListener, AsyncBodyWriter.Ends {
  /** A request attribute: the exception for which a response under way is to be aborted. */
  static final String ABORTED = ServletExchange.class.getPackageName() + ".aborted";

  /** Longest body that is written in blocking mode if all of it is ready, in bytes. */
  private static final int SMALL = 64 * 1024;

  /** How long the container's thread waits for a decision that the chain may have a part in. */
  private static final Duration DECISION = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(ServletExchange.class);

  private sealed interface Ending {}

  private record Respond(ResponseHead head, Body body) implements Ending {}

  private record Next() implements Ending {}

  /** Not the end: what comes after the chain has answered is. */
  private record Ask(Consumer<ChainAnswer> answered) implements Ending {}

  private record Refuse() implements Ending {}

  private record Fail(int status) implements Ending {}

  /** Stands where an ending would: it is late, and carries itself out. */
  private record Late() implements Ending {}

  /** Stands there where it was waited for in vain. */
  private record GivenUp() implements Ending {}

  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final RequestView view;
  private final SliceOutput output;
  private final ContainerTraits container;
  private final boolean acceptsCoding;

  private volatile CompletableFuture<Ending> ending = new CompletableFuture<>();
  private volatile @Nullable ChainDispatch asked;
  private volatile ChainAnswer answer = ChainAnswer.NONE;
  private volatile @Nullable AsyncContext async;
  private volatile @Nullable AsyncBodyWriter writer;
  private volatile @Nullable Body sending;
  private volatile boolean gone;

  ServletExchange(
      HttpServletRequest request,
      HttpServletResponse response,
      RequestView view,
      SliceOutput output,
      ContainerTraits container) {
    this.request = request;
    this.response = response;
    this.view = view;
    this.output = output;
    this.container = container;
    this.acceptsCoding = acceptsCoding(view);
  }

  /** Whether the client names a coding other than none at all. Preferences don't matter here. */
  private static boolean acceptsCoding(RequestView view) {
    return view.fields("Accept-Encoding").stream()
        .flatMap(line -> Arrays.stream(line.split(",")))
        .map(coding -> coding.split(";", 2)[0].strip())
        .anyMatch(coding -> !coding.isEmpty() && !coding.equalsIgnoreCase("identity"));
  }

  @Override
  public RequestView request() {
    return view;
  }

  @Override
  public @Nullable String mimeType(String path) {
    return request.getServletContext().getMimeType(path);
  }

  @Override
  public void respond(int status, List<Field> fields, Body body) {
    end(new Respond(new ResponseHead(status, fields, acceptsCoding), body));
  }

  @Override
  public void ask(Consumer<ChainAnswer> answered) {
    end(new Ask(answered));
  }

  @Override
  public void next() {
    end(new Next());
  }

  @Override
  public void refuse() {
    end(new Refuse());
  }

  @Override
  public void fail(int status) {
    end(new Fail(status));
  }

  private void end(Ending chosen) {
    CompletableFuture<Ending> awaited = ending;
    if (!awaited.complete(chosen)) {
      if (awaited.join() instanceof GivenUp) {
        giveUp(chosen);
      } else {
        endLate(chosen);
      }
    }
  }

  private static void giveUp(Ending unwanted) {
    if (unwanted instanceof Respond respond) {
      respond.body().close();
    } else if (unwanted instanceof Ask ask) {
      ask.answered().accept(ChainAnswer.NONE);
    }
  }

  /**
   * Carries out the ending if it is known, else lets the container's thread go. Called once, on
   * that thread, last of all.
   *
   * @param waits whether the thread stays until the ending is known: the chain may be it, and all
   *     of it is reached by this call alone. A dispatch leaves out the filters that are there for
   *     requests alone
   */
  void leave(FilterChain chain, boolean waits) throws IOException, ServletException {
    Ending known = waits ? await() : ending.getNow(null);
    if (known instanceof Ask ask) {
      ask(ask, chain);
    } else {
      leave(known, chain);
    }
  }

  private void leave(@Nullable Ending known, FilterChain chain)
      throws IOException, ServletException {
    if (known == null) {
      hold();
      // Guards against an ending that came while async mode was being started.
      if (!ending.complete(new Late())) {
        endLate(ending.join());
      }
    } else if (async != null) {
      endLate(known);
    } else if (known instanceof Respond respond) {
      respondNow(respond);
    } else if (known instanceof Fail fail) {
      bare(fail.status());
    } else if (known instanceof Refuse) {
      refuseNow();
    } else if (known instanceof GivenUp) {
      bare(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    } else {
      chain.doFilter(request, response);
    }
  }

  private Ending await() {
    try {
      return ending.get(DECISION.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      LOG.warn("{} {}: not decided in {}", view.method(), view.rawPath(), DECISION);
    } catch (ExecutionException e) {
      throw new IllegalStateException("endings don't fail", e);
    }
    ending.complete(new GivenUp());
    return ending.join();
  }

  /** Sends the request down the chain as a question, and goes on by what it answers. */
  private void ask(Ask ask, FilterChain chain) throws IOException, ServletException {
    ending = new CompletableFuture<>();
    ChainDispatch question =
        new ChainDispatch(
            request,
            response,
            container,
            this::hold,
            this::start,
            told -> {
              answer = told;
              ask.answered().accept(told);
            });
    asked = question;
    try {
      question.ask(chain);
    } catch (IOException | ServletException | RuntimeException | Error e) {
      // The container deals with it, as if we were not there.
      ending.complete(new GivenUp());
      ask.answered().accept(ChainAnswer.NONE);
      throw e;
    }
    leave(ending.getNow(null), chain);
  }

  private void start(Runnable task) {
    AsyncContext context = async;
    if (context == null) {
      throw new IllegalStateException("asynchronous processing was not started");
    }
    context.start(task);
  }

  private void refuseNow() throws IOException {
    ChainDispatch question = asked;
    if (question == null || answer.equals(ChainAnswer.NONE)) {
      bare(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
    } else {
      question.response().giveTo(response, view.method().equals("HEAD"));
    }
  }

  private void respondNow(Respond respond) throws IOException {
    Body body = respond.body();
    Queue<Slice> ready = new ConcurrentLinkedQueue<>();
    boolean handedOn = false;
    try {
      long length = body.length();
      if (body.ended() || (length >= 0 && length <= SMALL && collect(body, ready))) {
        SourceAttributes.set(body, request::setAttribute);
        respond.head().applyTo(response, container);
        writeBlocking(ready);
      } else {
        hold();
        handedOn = true;
        startWriter(respond, ready);
      }
    } catch (BodyFailedException e) {
      failedBeforeHead(e);
    } finally {
      if (!handedOn) {
        ready.forEach(Slice::close);
        body.close();
      }
    }
  }

  /** Polls what is there without waiting; returns whether that was all. */
  private static boolean collect(Body body, Queue<Slice> ready) throws BodyFailedException {
    try {
      while (!body.ended()) {
        Slice slice = body.poll(SMALL);
        if (slice == null) {
          return body.ended();
        }
        ready.add(slice);
      }
      return true;
    } catch (IOException | RuntimeException e) {
      throw new BodyFailedException(e);
    }
  }

  private void writeBlocking(Queue<Slice> ready) throws IOException {
    if (ready.isEmpty()) {
      return;
    }
    ServletOutputStream out = response.getOutputStream();
    for (Slice slice = ready.poll(); slice != null; slice = ready.poll()) {
      try (Slice written = slice) {
        while (!output.write(out, written.buffer())) {
          // Each turn writes a part of what is left.
        }
      }
    }
  }

  private void endLate(@Nullable Ending late) {
    AsyncContext context = async;
    if (context == null) {
      throw new IllegalStateException("an exchange has one ending, got another: " + late);
    }
    if (late instanceof Respond respond) {
      startWriter(respond, new ConcurrentLinkedQueue<>());
    } else if (gone) {
      LOG.debug("{}: client gone before the decision", view.rawPath());
    } else if (late instanceof Fail fail) {
      bare(fail.status());
      complete();
    } else if (late instanceof Refuse) {
      refuseLate();
    } else if (late instanceof Ask ask) {
      LOG.error("{}: the chain was to be asked, but is out of reach", view.rawPath());
      ask.answered().accept(ChainAnswer.NONE);
    } else {
      // A dispatch would lead past the filters that are there for requests alone: logins, mostly.
      LOG.error("{}: left to the chain, but that is out of reach", view.rawPath());
      bare(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
      complete();
    }
  }

  private void refuseLate() {
    try {
      refuseNow();
    } catch (IOException e) {
      LOG.debug("{}: client gone", view.rawPath(), e);
    }
    complete();
  }

  /** Has the container keep the request when its thread has left. */
  private void hold() {
    if (async != null) {
      return;
    }
    AsyncContext context = request.startAsync(request, response);
    // The stall limit is the body's, and shorter than the connector's idle timeout.
    context.setTimeout(0);
    context.addListener(this);
    async = context;
  }

  private void startWriter(Respond respond, Queue<Slice> ready) {
    sending = respond.body();
    AsyncBodyWriter started;
    try {
      started =
          new AsyncBodyWriter(
              response.getOutputStream(),
              output,
              container,
              ready,
              respond.body(),
              () -> respond.head().applyTo(response, container),
              this);
    } catch (IOException | RuntimeException e) {
      ready.forEach(Slice::close);
      respond.body().close();
      failedBeforeHead(e);
      return;
    }
    writer = started;
    // Guards against a client that left before the writer could be told.
    if (gone) {
      started.end();
      return;
    }
    try {
      started.start();
    } catch (RuntimeException e) {
      if (started.end()) {
        failedBeforeHead(e);
      }
    }
  }

  @Override
  public void written() {
    complete();
  }

  @Override
  public void failedBeforeHead(Exception cause) {
    Throwable known = known(cause);
    int status =
        known instanceof StalledException
            ? HttpServletResponse.SC_GATEWAY_TIMEOUT
            : HttpServletResponse.SC_BAD_GATEWAY;
    LOG.warn("{} {}: answered {}: {}", view.method(), view.rawPath(), status, known.toString());
    if (!gone) {
      bare(status);
      complete();
    }
  }

  /**
   * Aborts by way of a dispatch to the filter, which throws. A container answers an exception under
   * a committed response by closing the connection; completing would end a body of unknown length
   * as if it were whole.
   */
  @Override
  public void failedAfterHead(Exception cause) {
    LOG.warn("{} {}: aborted: {}", view.method(), view.rawPath(), known(cause).toString());
    AsyncContext context = async;
    if (gone || context == null) {
      return;
    }
    tellSources();
    request.setAttribute(ABORTED, cause);
    try {
      context.dispatch();
    } catch (IllegalStateException e) {
      LOG.debug("{}: over already", view.rawPath(), e);
    }
  }

  @Override
  public void clientGone(Throwable cause) {
    LOG.debug("{}: client gone", view.rawPath(), cause);
    complete();
  }

  /** A status and nothing else: no page of the container's, which would tell of it. */
  private void bare(int status) {
    response.setStatus(status);
    response.setContentLength(0);
    // Caches may otherwise make up for themselves how long a 404 holds.
    response.setHeader("Cache-Control", "no-store");
  }

  private void complete() {
    AsyncContext context = async;
    if (gone || context == null) {
      return;
    }
    tellSources();
    try {
      context.complete();
    } catch (IllegalStateException e) {
      // The container was quicker: it had seen the client go.
      LOG.debug("{}: over already", view.rawPath(), e);
    }
  }

  @Override
  public void onComplete(AsyncEvent event) {
    depart();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    depart();
  }

  @Override
  public void onError(AsyncEvent event) {
    depart();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // Somebody down the chain took the request on after next(): it is no longer ours.
  }

  private void tellSources() {
    Body sent = sending;
    if (sent != null) {
      SourceAttributes.set(sent, request::setAttribute);
    }
  }

  private void depart() {
    gone = true;
    AsyncBodyWriter running = writer;
    if (running != null) {
      running.end();
    }
  }

  private static Throwable known(Exception cause) {
    Throwable inner = cause.getCause();
    return cause instanceof BodyFailedException && inner != null ? inner : cause;
  }

  /** Tells a failure to read from a failure to write. */
  private static final class BodyFailedException extends IOException {
    private static final long serialVersionUID = 1;

    BodyFailedException(Exception cause) {
      super(cause);
    }
  }
}
