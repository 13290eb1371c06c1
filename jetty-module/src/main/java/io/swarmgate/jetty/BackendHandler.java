package io.swarmgate.jetty;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.http.Delivery;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A handler that answers what a backend serves, and leaves all else to the one it wraps. */
abstract class BackendHandler extends Handler.Wrapper {
  private static final Logger LOG = LoggerFactory.getLogger(BackendHandler.class);

  private final Delivery delivery;

  BackendHandler() {
    this(new Delivery());
  }

  BackendHandler(Delivery delivery) {
    this.delivery = delivery;
  }

  /** What answers; null while there is nothing to ask. */
  protected abstract @Nullable Backend backend();

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Backend backend = backend();
    if (backend == null) {
      return super.handle(request, response, callback);
    }
    JettyRequest view = JettyRequest.of(request);
    if (!backend.accepts(view)) {
      return super.handle(request, response, callback);
    }
    JettyExchange exchange =
        new JettyExchange(view, request, response, callback, this::handleLater);
    delivery.handle(backend, exchange);
    return exchange.taken() || super.handle(request, response, callback);
  }

  /** Does what the server would have done had {@link #handle} left the request alone. */
  private void handleLater(Request request, Response response, Callback callback) {
    try {
      if (super.handle(request, response, callback)) {
        return;
      }
      Handler last = getServer().getDefaultHandler();
      if (last == null || !last.handle(request, response, callback)) {
        Response.writeError(request, response, callback, 404);
      }
    } catch (Throwable e) {
      LOG.debug("{}: the next handler failed", request.getHttpURI(), e);
      Response.writeError(request, response, callback, e);
    }
  }
}
