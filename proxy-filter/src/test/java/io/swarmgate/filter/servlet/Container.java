package io.swarmgate.filter.servlet;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.http.Delivery;
import io.swarmgate.filter.testing.RangeRow;
import io.swarmgate.filter.testing.TestKeys;
import io.swarmgate.filter.testing.WebServer;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The containers that the filter is tested in. */
enum Container {
  JETTY,
  TOMCAT,
  /** Jetty with Servlet 6.0. */
  JETTY_EE10,
  /** Tomcat with Servlet 6.0. */
  TOMCAT_10_1;

  /** Request threads at most, few enough to be used up by requests that hold one each. */
  static final int THREADS = 8;

  /** Starts a server on a free port, its clock standing at {@link RangeRow#NOW}. */
  WebServer start(Backend backend) throws Exception {
    return start(backend, InstantSource.fixed(RangeRow.NOW));
  }

  /** Starts a server on a free port. */
  WebServer start(Backend backend, InstantSource clock) throws Exception {
    return start(backend, clock, null);
  }

  /** Starts a server on a free port, and one for TLS if there are keys. */
  WebServer start(Backend backend, InstantSource clock, @Nullable TestKeys keys) throws Exception {
    return switch (this) {
      case JETTY -> JettyServer.start(backend, clock, keys);
      case TOMCAT -> TomcatServer.start(backend, clock, keys);
      case JETTY_EE10 ->
          ContainerLoader.of("jetty-ee10").start("JettyEe10Server", backend, clock, keys);
      case TOMCAT_10_1 ->
          ContainerLoader.of("tomcat-10.1").start("TomcatServer", backend, clock, keys);
    };
  }

  /**
   * Starts a server with an application at each of these paths, each with a filter of these
   * settings that it registers itself.
   */
  WebServer deploy(List<String> paths, Map<String, String> settings) throws Exception {
    return switch (this) {
      case JETTY -> JettyServer.deploy(paths, settings);
      case TOMCAT -> TomcatServer.deploy(paths, settings);
      case JETTY_EE10 ->
          ContainerLoader.of("jetty-ee10").deploy("JettyEe10Server", paths, settings);
      case TOMCAT_10_1 -> ContainerLoader.of("tomcat-10.1").deploy("TomcatServer", paths, settings);
    };
  }

  /** The filter as an application makes it, but for the clock. */
  static SwarmgateFilter filter(Backend backend, InstantSource clock) {
    return new SwarmgateFilter(parameters -> backend, SliceOutput.detect(), new Delivery(clock));
  }
}
