package io.swarmgate.filter.servlet;

import io.swarmgate.filter.http.SourceAttributes;
import io.swarmgate.filter.testing.WebServer;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A Jetty 12.1 around a context of one of its environments: compresses what it may, and speaks
 * HTTP/1.1 and, asked by an upgrade, HTTP/2.
 */
final class JettyCore implements WebServer {
  private final Server server;
  private final ServerConnector connector;
  private final BlockingQueue<Optional<Object>> log = new LinkedBlockingQueue<>();

  @SuppressWarnings("removal") // deprecated, but what most installations have
  JettyCore(Handler context) throws Exception {
    server = new Server(new QueuedThreadPool(Container.THREADS));
    HttpConfiguration http = new HttpConfiguration();
    connector =
        new ServerConnector(
            server, 1, 1, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
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
