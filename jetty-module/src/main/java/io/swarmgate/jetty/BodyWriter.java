package io.swarmgate.jetty;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.filter.http.SourceAttributes;
import java.io.IOException;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a body to a Jetty response, slice by slice, without holding a thread: it goes on when a
 * write has completed or the body has more. {@link #process} is called by one thread at a time.
 *
 * <p>The head goes out with the first slice, so that a body which fails at once can still become an
 * error; later failures fail the callback, and Jetty cuts the connection (HTTP/1) or resets the
 * stream (HTTP/2).
 */
final class BodyWriter extends IteratingCallback {
  private static final Logger LOG = LoggerFactory.getLogger(BodyWriter.class);

  /** Bytes a write. Smaller slices of mapped memory cost throughput, larger ones gain nothing. */
  static final int MAX_SLICE = 1 << 20;

  private final Response response;
  private final Callback callback;
  private final Runnable head;
  private final Body body;
  private @Nullable Slice slice;
  private boolean headSent;
  private boolean lastSent;

  /**
   * @param callback completed when the body is written or has failed
   * @param head sets status and fields; called once, before the first write
   */
  BodyWriter(Response response, Callback callback, Runnable head, Body body) {
    this.response = response;
    this.callback = callback;
    this.head = head;
    this.body = body;
  }

  @Override
  protected Action process() {
    if (lastSent) {
      return Action.SUCCEEDED;
    }
    Slice next;
    try {
      next = body.poll(MAX_SLICE);
    } catch (IOException | RuntimeException e) {
      throw new BodyFailedException(e);
    }
    slice = next;
    boolean last = body.ended();
    if (next == null && !last) {
      // The waiter may run before this returns; iterate() then makes process() run again.
      body.onReady(this::iterate);
      return Action.IDLE;
    }
    if (!headSent) {
      headSent = true;
      head.run();
    }
    lastSent = last;
    response.write(last, next == null ? null : next.buffer(), this);
    return Action.SCHEDULED;
  }

  @Override
  protected void onSuccess() {
    release();
  }

  @Override
  protected void onFailure(Throwable cause) {
    // A write may still be under way here, so the slice has to stay.
    body.close();
  }

  @Override
  protected void onCompleteSuccess() {
    body.close();
    tellSources();
    callback.succeeded();
  }

  @Override
  protected void onCompleteFailure(Throwable cause) {
    release();
    tellSources();
    String path = response.getRequest().getHttpURI().getPath();
    if (!(cause instanceof BodyFailedException failed)) {
      LOG.debug("{}: client gone", path, cause);
      callback.failed(cause);
    } else if (headSent) {
      LOG.warn("{}: response aborted: {}", path, failed.getMessage());
      callback.failed(failed);
    } else {
      int status = failed.getCause() instanceof StalledException ? 504 : 502;
      LOG.warn("{}: answered {}: {}", path, status, failed.getMessage());
      JettyExchange.bareError(response, callback, status);
    }
  }

  private void tellSources() {
    SourceAttributes.set(body, response.getRequest()::setAttribute);
  }

  private void release() {
    Slice written = slice;
    slice = null;
    if (written != null) {
      written.close();
    }
  }

  /** The body will never be whole. Quiet, since it is logged here and not by Jetty again. */
  private static final class BodyFailedException extends QuietException.RuntimeException {
    private static final long serialVersionUID = 1;

    BodyFailedException(Throwable cause) {
      super(cause instanceof IOException ? cause.getMessage() : cause.toString(), cause);
    }
  }
}
