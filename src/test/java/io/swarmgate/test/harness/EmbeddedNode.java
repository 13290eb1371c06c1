package io.swarmgate.test.harness;

import io.swarmgate.filter.servlet.SwarmgateFilter;
import io.swarmgate.jetty.SwarmgateHandler;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A Jetty of this process with a node in it. Speaks HTTP/1.1 and h2c, and logs its accesses. */
public final class EmbeddedNode implements AutoCloseable {
  /** Threads of the server's pool at most, as many as Jetty has by default. */
  public static final int THREADS = 200;

  /** Names the property with the address that clients connect to, if it isn't loopback's. */
  static final String HOST = "swarmgate.test.host";

  /** What a node is behind. */
  public enum Behind {
    /** The servlet filter, in an ee11 context. */
    FILTER,
    /** The Jetty module's handler. */
    HANDLER
  }

  private final Server server;
  private final ServerConnector connector;
  private final List<Access> log = new CopyOnWriteArrayList<>();

  private EmbeddedNode(Handler handler, int sendBuffer) throws Exception {
    server = new Server(new QueuedThreadPool(THREADS));
    HttpConfiguration http = new HttpConfiguration();
    connector =
        new ServerConnector(
            server, 1, 1, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
    connector.setHost(System.getProperty(HOST, "127.0.0.1"));
    connector.setAcceptedSendBufferSize(sendBuffer);
    // All of a crowd may come at once.
    connector.setAcceptQueueSize(1024);
    server.addConnector(connector);
    server.setHandler(handler);
    server.setRequestLog((request, response) -> log.add(Access.of(request, response)));
    try {
      server.start();
    } catch (Exception e) {
      server.stop();
      throw e;
    }
  }

  /**
   * Starts it on a free port.
   *
   * @param settings by NAME; paths must be absolute
   */
  public static EmbeddedNode start(Behind behind, Map<String, String> settings) throws Exception {
    return start(behind, settings, -1);
  }

  private static EmbeddedNode start(Behind behind, Map<String, String> settings, int sendBuffer)
      throws Exception {
    return new EmbeddedNode(
        switch (behind) {
          case FILTER -> filter(settings);
          case HANDLER -> handler(settings);
        },
        sendBuffer);
  }

  private static Handler filter(Map<String, String> settings) {
    FilterHolder holder = new FilterHolder(new SwarmgateFilter());
    holder.setAsyncSupported(true);
    settings.forEach(holder::setInitParameter);
    ServletContextHandler context = new ServletContextHandler("/");
    context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    return context;
  }

  private static Handler handler(Map<String, String> settings) {
    SwarmgateHandler handler = new SwarmgateHandler();
    settings.forEach(handler::set);
    return handler;
  }

  /**
   * Runs a node until standard input ends, and prints the port of its server.
   *
   * @param arguments a {@link Behind}, the bytes of a connection's send buffer, and settings as
   *     NAME=VALUE
   */
  public static void main(String... arguments) throws Exception {
    Map<String, String> settings = new TreeMap<>();
    for (String setting : List.of(arguments).subList(2, arguments.length)) {
      int equals = setting.indexOf('=');
      settings.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    Behind behind = Behind.valueOf(arguments[0]);
    try (EmbeddedNode node = start(behind, settings, Integer.parseInt(arguments[1]))) {
      System.out.println(node.connector.getLocalPort());
      while (System.in.read() >= 0) {
        // Nothing is said to it.
      }
    }
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort() + path);
  }

  /** What has been answered so far, in the order it ended. */
  public List<Access> log() {
    return log;
  }

  @Override
  public void close() throws IOException {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
