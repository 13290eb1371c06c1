package io.swarmgate.filter.servlet;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.testing.WebServer;
import jakarta.servlet.DispatcherType;
import java.time.InstantSource;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;

/** Jetty 12.1 with the ee10 environment. */
final class JettyEe10Server {
  private JettyEe10Server() {}

  static WebServer start(Backend backend, InstantSource clock) throws Exception {
    return start(Container.filter(backend, clock));
  }

  static WebServer start(SwarmgateFilter filter) throws Exception {
    ServletContextHandler context = new ServletContextHandler();
    context.setContextPath("/");
    FilterHolder holder = new FilterHolder(filter);
    holder.setAsyncSupported(true);
    context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    ServletHolder last = new ServletHolder(new LastServlet());
    last.setAsyncSupported(true);
    context.addServlet(last, "/");
    return new JettyCore(context);
  }
}
