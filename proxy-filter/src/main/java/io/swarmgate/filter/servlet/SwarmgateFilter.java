package io.swarmgate.filter.servlet;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.config.ConfigException;
import io.swarmgate.filter.http.Delivery;
import io.swarmgate.filter.node.SharedNode;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servlet filter: answers what its backend takes on, and lets everything else down the chain
 * untouched.
 *
 * <p>It must be mapped to {@code /*} with {@code async-supported}, for the dispatcher types REQUEST
 * and ASYNC; without ASYNC, a response that fails under way would not be aborted. Filters in front
 * of it must support async too, else it lets everything pass.
 */
public final class SwarmgateFilter implements Filter {
  private static final Logger LOG = LoggerFactory.getLogger(SwarmgateFilter.class);

  private final Function<Map<String, String>, ? extends Backend> backends;
  private final Supplier<SliceOutput> outputs;
  private final Delivery delivery;
  private final AtomicBoolean toldOfAsync = new AtomicBoolean();
  private @Nullable Backend backend;
  private ContainerTraits container = ContainerTraits.OTHER;

  /**
   * A filter over a node that is configured by init-params, and shared with other filters of the
   * same ones; relative paths start from the working directory.
   */
  public SwarmgateFilter() {
    this(SwarmgateFilter::startNode);
  }

  private static Backend startNode(Map<String, String> parameters) {
    try {
      return SharedNode.start(parameters, Path.of(""));
    } catch (ConfigException | IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * A filter over a backend of one's own.
   *
   * @param backends makes the backend from the init-params, once. What it throws stops the
   *     application's start. A backend that is {@link AutoCloseable} is closed with the filter.
   */
  public SwarmgateFilter(Function<Map<String, String>, ? extends Backend> backends) {
    this(backends, SliceOutput.detect(), new Delivery());
  }

  SwarmgateFilter(
      Function<Map<String, String>, ? extends Backend> backends,
      Supplier<SliceOutput> outputs,
      Delivery delivery) {
    this.backends = backends;
    this.outputs = outputs;
    this.delivery = delivery;
  }

  @Override
  public void init(FilterConfig config) throws ServletException {
    Map<String, String> parameters = new HashMap<>();
    for (String name : Collections.list(config.getInitParameterNames())) {
      parameters.put(name, config.getInitParameter(name));
    }
    container = ContainerTraits.of(config.getServletContext());
    try {
      backend = backends.apply(parameters);
    } catch (RuntimeException e) {
      throw new ServletException("Swarmgate can't start: " + e.getMessage(), e);
    }
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Backend current = backend;
    if (current == null
        || !(request instanceof HttpServletRequest httpRequest)
        || !(response instanceof HttpServletResponse httpResponse)) {
      chain.doFilter(request, response);
      return;
    }
    if (request.getDispatcherType() != DispatcherType.REQUEST) {
      throwIfAborted(httpRequest);
      // Each request is decided once: what comes again was sent down the chain before.
      chain.doFilter(request, response);
      return;
    }
    RequestView view = RequestSnapshot.of(httpRequest);
    if (!current.accepts(view) || !canGoAsync(request)) {
      chain.doFilter(request, response);
      return;
    }
    ServletExchange exchange =
        new ServletExchange(httpRequest, httpResponse, view, outputs.get(), container);
    delivery.handle(current, exchange);
    exchange.leave(chain, current.involvesChain(view));
  }

  private static void throwIfAborted(HttpServletRequest request) throws IOException {
    if (request.getAttribute(ServletExchange.ABORTED) instanceof Exception cause) {
      request.removeAttribute(ServletExchange.ABORTED);
      throw new IOException("response aborted: " + cause.getMessage(), cause);
    }
  }

  private boolean canGoAsync(ServletRequest request) {
    boolean can = request.isAsyncSupported();
    if (!can && toldOfAsync.compareAndSet(false, true)) {
      LOG.warn("A filter in front isn't async-supported: everything goes down the chain");
    }
    return can;
  }

  @Override
  public void destroy() {
    Backend last = backend;
    backend = null;
    if (last instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        LOG.warn("Closing the backend failed", e);
      }
    }
  }
}
