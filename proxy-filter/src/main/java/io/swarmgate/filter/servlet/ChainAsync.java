package io.swarmgate.filter.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The asynchronous processing that somebody in the chain begins when the chain is asked. It is no
 * part of the container's, which would end the client's response with it. Thread-safe.
 */
final class ChainAsync implements AsyncContext {
  private static final Logger LOG = LoggerFactory.getLogger(ChainAsync.class);

  /** The Servlet specification's default, in milliseconds. */
  private static final long TIMEOUT = 30_000;

  /** Goes on where a dispatch leads. */
  interface Dispatcher {
    void dispatch(ServletContext context, String path);
  }

  private final ServletRequest request;
  private final ServletResponse response;
  private final Executor executor;
  private final Dispatcher dispatcher;
  private final Runnable done;
  private final List<AsyncListener> listeners = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable Runnable> end = new AtomicReference<>();

  /** Of the servlet's return and the end, the later one lets things go on. */
  private final AtomicInteger awaited = new AtomicInteger(2);

  private volatile long timeout = TIMEOUT;
  private volatile boolean expired;

  /**
   * Begins.
   *
   * @param executor runs tasks on the container's threads
   * @param done called when it has completed, on any thread
   */
  ChainAsync(
      ServletRequest request,
      ServletResponse response,
      Executor executor,
      Dispatcher dispatcher,
      Runnable done) {
    this.request = request;
    this.response = response;
    this.executor = executor;
    this.dispatcher = dispatcher;
    this.done = done;
  }

  /** Called once the call in which it began has returned. */
  void returned() {
    if (timeout > 0) {
      CompletableFuture.delayedExecutor(timeout, TimeUnit.MILLISECONDS, Runnable::run)
          .execute(this::checkExpired);
    }
    goOn();
  }

  /** Once it has ended, the container's threads are not ours to use any more. */
  private void checkExpired() {
    if (end.get() == null) {
      executor.execute(this::expire);
    }
  }

  private void expire() {
    if (end.get() == null) {
      tell(AsyncListener::onTimeout);
      if (end.get() == null) {
        expired = true;
        finish(this::completed);
      }
    }
  }

  /** Whether it ended because nobody ended it in time. */
  boolean isExpired() {
    return expired;
  }

  private boolean finish(Runnable how) {
    if (!end.compareAndSet(null, how)) {
      return false;
    }
    goOn();
    return true;
  }

  private void goOn() {
    Runnable how = awaited.decrementAndGet() == 0 ? end.get() : null;
    if (how != null) {
      how.run();
    }
  }

  @Override
  public void complete() {
    if (!finish(this::completed)) {
      throw new IllegalStateException("completed or dispatched already");
    }
  }

  private void completed() {
    tell(AsyncListener::onComplete);
    done.run();
  }

  @Override
  public void dispatch() {
    String path = "/";
    if (request instanceof HttpServletRequest http) {
      String info = http.getPathInfo();
      path = http.getServletPath() + (info == null ? "" : info);
    }
    dispatch(path);
  }

  @Override
  public void dispatch(String path) {
    dispatch(request.getServletContext(), path);
  }

  @Override
  public void dispatch(ServletContext context, String path) {
    if (!finish(() -> executor.execute(() -> dispatcher.dispatch(context, path)))) {
      throw new IllegalStateException("completed or dispatched already");
    }
  }

  private interface Call {
    void on(AsyncListener listener, AsyncEvent event) throws IOException;
  }

  private void tell(Call call) {
    AsyncEvent event = new AsyncEvent(this, request, response);
    for (AsyncListener listener : listeners) {
      try {
        call.on(listener, event);
      } catch (IOException | RuntimeException e) {
        LOG.warn("A listener failed", e);
      }
    }
  }

  @Override
  public void start(Runnable run) {
    executor.execute(run);
  }

  @Override
  public ServletRequest getRequest() {
    return request;
  }

  @Override
  public ServletResponse getResponse() {
    return response;
  }

  @Override
  public boolean hasOriginalRequestAndResponse() {
    return request instanceof ChainRequest && response instanceof ChainResponse;
  }

  @Override
  public void addListener(AsyncListener listener) {
    listeners.add(listener);
  }

  @Override
  public void addListener(AsyncListener listener, ServletRequest with, ServletResponse and) {
    listeners.add(listener);
  }

  @Override
  public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
    return request.getServletContext().createListener(type);
  }

  @Override
  public void setTimeout(long millis) {
    timeout = millis;
  }

  @Override
  public long getTimeout() {
    return timeout;
  }
}
