package io.swarmgate.filter.servlet;

import io.swarmgate.filter.http.SourceAttributes;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty 12.1 with the ee11 environment. */
final class JettyServer implements WebServer {
  private final Server server;
  private final ServerConnector connector;
  private final BlockingQueue<Optional<Object>> log = new LinkedBlockingQueue<>();

  @SuppressWarnings("removal") // deprecated, but what most installations have
  JettyServer(SwarmgateFilter filter) throws Exception {
    server = new Server(new QueuedThreadPool(Container.THREADS));
    connector = new ServerConnector(server, 1, 1);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler();
    context.setContextPath("/");
    FilterHolder holder = new FilterHolder(filter);
    holder.setAsyncSupported(true);
    context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    ServletHolder last = new ServletHolder(new LastServlet());
    last.setAsyncSupported(true);
    context.addServlet(last, "/");
    var gzip = new org.eclipse.jetty.server.handler.gzip.GzipHandler();
    gzip.setMinGzipSize(32);
    gzip.setHandler(context);
    server.setHandler(gzip);
    server.setRequestLog(
        (request, response) ->
            log.add(Optional.ofNullable(request.getAttribute(SourceAttributes.PEERS))));
    server.start();
  }

  @Override
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public BlockingQueue<Optional<Object>> log() {
    return log;
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
