package io.swarmgate.filter.servlet;

import io.swarmgate.filter.http.ChainAnswer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One question to the chain: the request sent down it as a HEAD, and what comes back, at once or
 * when those who process it asynchronously are done.
 *
 * <p>A chain can be gone down once, and only in the call that the container made: later dispatches
 * leave out the filters that are there for requests alone, login filters mostly. So this is that
 * one time, and a refusal is given to the client as it came.
 */
final class ChainDispatch {
  /** Dispatches of one question, for whoever doesn't know a forward for what it is. */
  private static final int MOST = 8;

  private static final Logger LOG = LoggerFactory.getLogger(ChainDispatch.class);

  private final ChainRequest request;
  private final ChainResponse response;
  private final Runnable holder;
  private final Executor executor;
  private final Consumer<ChainAnswer> answered;
  private volatile @Nullable ChainAsync async;
  private volatile int again;

  /**
   * Prepares a question.
   *
   * @param holder has the container keep the request when the call that it made has returned
   * @param executor runs tasks on the container's threads, from then on
   * @param answered told of the answer, once
   */
  ChainDispatch(
      HttpServletRequest request,
      HttpServletResponse response,
      ContainerTraits container,
      Runnable holder,
      Executor executor,
      Consumer<ChainAnswer> answered) {
    this.request = new ChainRequest(request, this);
    this.response = new ChainResponse(response, container, executor);
    this.holder = holder;
    this.executor = executor;
    this.answered = answered;
  }

  ChainResponse response() {
    return response;
  }

  /** Whether somebody's asynchronous processing has dispatched the request again. */
  boolean isAgain() {
    return again > 0;
  }

  /** Asks; what the chain throws is its answer. */
  void ask(FilterChain chain) throws IOException, ServletException {
    chain.doFilter(request, response);
    returned();
  }

  private void returned() {
    ChainAsync begun = async;
    if (begun == null) {
      answered.accept(response.answer());
    } else {
      begun.returned();
    }
  }

  AsyncContext startAsync(ServletRequest with, ServletResponse and) {
    if (!request.isAsyncSupported()) {
      throw new IllegalStateException("not every filter and servlet supports it");
    }
    if (async != null) {
      throw new IllegalStateException("started already");
    }
    holder.run();
    ChainAsync begun = new ChainAsync(with, and, executor, this::dispatch, this::completed);
    async = begun;
    return begun;
  }

  private void completed() {
    ChainAsync ended = async;
    boolean expired = ended != null && ended.isExpired();
    answered.accept(expired ? ChainAnswer.NONE : response.answer());
  }

  boolean isAsyncStarted() {
    return async != null;
  }

  AsyncContext asyncContext() {
    AsyncContext begun = async;
    if (begun == null) {
      throw new IllegalStateException("not started");
    }
    return begun;
  }

  /**
   * Called by one thread at a time. As a forward, which is as near as one can come to the
   * container's own dispatch.
   */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void dispatch(ServletContext context, String path) {
    ChainAsync before = async;
    again++;
    async = null;
    try {
      RequestDispatcher dispatcher = context.getRequestDispatcher(path);
      if (dispatcher == null || before == null || again > MOST) {
        throw new ServletException("expected an end of dispatches, got one to " + path);
      }
      dispatcher.forward(before.getRequest(), before.getResponse());
    } catch (IOException | ServletException | RuntimeException e) {
      LOG.warn("{}: asked, the chain failed", request.getRequestURI(), e);
      answered.accept(ChainAnswer.NONE);
      return;
    }
    returned();
  }
}
