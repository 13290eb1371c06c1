package io.swarmgate.filter.testing;

import io.swarmgate.filter.http.SourceAttributes;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * A Jetty 12.1 around a handler: compresses what it may, and speaks HTTP/1.1 and HTTP/2, in the
 * clear and, given keys, over TLS.
 */
public final class JettyCore implements WebServer {
  private final Server server;
  private final ServerConnector connector;
  private final @Nullable ServerConnector tlsConnector;
  private final BlockingQueue<Optional<Object>> log = new LinkedBlockingQueue<>();

  /**
   * Starts it.
   *
   * @param threads request threads at most
   * @param keys what TLS is spoken with; null for none
   */
  @SuppressWarnings("removal") // deprecated, but what most installations have
  public JettyCore(Handler handler, int threads, @Nullable TestKeys keys) throws Exception {
    server = new Server(new QueuedThreadPool(threads));
    HttpConfiguration http = new HttpConfiguration();
    connector =
        new ServerConnector(
            server, 1, 1, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    tlsConnector = keys == null ? null : tls(server, keys);
    var gzip = new org.eclipse.jetty.server.handler.gzip.GzipHandler();
    gzip.setMinGzipSize(32);
    gzip.setHandler(handler);
    server.setHandler(gzip);
    server.setRequestLog(
        (request, response) ->
            log.add(Optional.ofNullable(request.getAttribute(SourceAttributes.PEERS))));
    server.start();
  }

  private static ServerConnector tls(Server server, TestKeys keys) {
    HttpConfiguration https = new HttpConfiguration();
    https.addCustomizer(new SecureRequestCustomizer(false));
    SslContextFactory.Server context = new SslContextFactory.Server();
    context.setKeyStorePath(keys.store().toString());
    context.setKeyStorePassword(TestKeys.PASSWORD);
    ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
    alpn.setDefaultProtocol("http/1.1");
    ServerConnector connector =
        new ServerConnector(
            server,
            1,
            1,
            new SslConnectionFactory(context, alpn.getProtocol()),
            alpn,
            new HTTP2ServerConnectionFactory(https),
            new HttpConnectionFactory(https));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    return connector;
  }

  @Override
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public int tlsPort() {
    ServerConnector tls = tlsConnector;
    if (tls == null) {
      throw new IllegalStateException("started without keys");
    }
    return tls.getLocalPort();
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
