package io.swarmgate.filter.servlet;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.testing.JettyCore;
import io.swarmgate.filter.testing.TestKeys;
import io.swarmgate.filter.testing.WebServer;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import org.jspecify.annotations.Nullable;

/** Jetty 12.1 with the ee11 environment. */
final class JettyServer {
  private JettyServer() {}

  static WebServer start(Backend backend, InstantSource clock, @Nullable TestKeys keys)
      throws Exception {
    return start(Container.filter(backend, clock), keys);
  }

  static WebServer start(SwarmgateFilter filter, @Nullable TestKeys keys) throws Exception {
    return new JettyCore(context("/", filter, Map.of()), Container.THREADS, keys);
  }

  /** Starts an application at each of these paths, each with a filter of these settings. */
  static WebServer deploy(List<String> paths, Map<String, String> settings) throws Exception {
    ContextHandlerCollection contexts = new ContextHandlerCollection();
    for (String path : paths) {
      contexts.addHandler(context(path, new SwarmgateFilter(), settings));
    }
    return new JettyCore(contexts, Container.THREADS, null);
  }

  private static Handler context(
      String path, SwarmgateFilter filter, Map<String, String> settings) {
    ServletContextHandler context = new ServletContextHandler();
    context.setContextPath(path);
    context.addServletContainerInitializer(
        (classes, servlets) -> Registration.register(servlets, filter, settings));
    return context;
  }
}
