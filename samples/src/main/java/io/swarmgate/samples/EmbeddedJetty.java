package io.swarmgate.samples;

import io.swarmgate.jetty.SwarmgateHandler;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.DefaultHandler;

/** A Jetty of one's own with Swarmgate around its handlers. */
public final class EmbeddedJetty {
  private EmbeddedJetty() {}

  /**
   * Serves on loopback until it is told to stop.
   *
   * @param arguments a port, and settings as NAME=VALUE
   */
  public static void main(String... arguments) throws Exception {
    Server server = start(Arguments.of("EmbeddedJetty", arguments));
    System.out.println("Serving " + server.getURI());
    server.join();
  }

  static Server start(Arguments arguments) throws Exception {
    SwarmgateHandler swarmgate = new SwarmgateHandler();
    arguments.settings().forEach(swarmgate::set);
    swarmgate.setHandler(ownHandlers());

    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector.setPort(arguments.port());
    server.addConnector(connector);
    server.setHandler(swarmgate);
    // Any time above zero: responses under way are let finish, for the setting drainTimeout.
    server.setStopTimeout(1000);
    server.setStopAtShutdown(true);
    try {
      server.start();
    } catch (Exception e) {
      server.stop();
      throw e;
    }
    return server;
  }

  /** Whatever the program serves besides. */
  private static Handler ownHandlers() {
    return new DefaultHandler();
  }
}
