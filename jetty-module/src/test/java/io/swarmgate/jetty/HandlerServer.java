package io.swarmgate.jetty;

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

/** A Jetty with one handler, for HTTP/1.1 and, asked by an upgrade, HTTP/2. */
final class HandlerServer implements WebServer {
  private final Server server = new Server();
  private final ServerConnector connector;
  private final BlockingQueue<Optional<Object>> log = new LinkedBlockingQueue<>();

  HandlerServer(Handler handler) throws Exception {
    HttpConfiguration http = new HttpConfiguration();
    connector =
        new ServerConnector(
            server, 1, 1, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(handler);
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
