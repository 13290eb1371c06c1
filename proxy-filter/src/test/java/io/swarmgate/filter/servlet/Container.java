package io.swarmgate.filter.servlet;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.http.Delivery;
import io.swarmgate.filter.testing.RangeRow;
import java.time.InstantSource;

/** The containers that the filter is tested in. */
enum Container {
  JETTY,
  TOMCAT,
  /** Tomcat, with the write path of a Servlet 6.0 container. */
  TOMCAT_BY_COPY;

  /** Request threads at most, few enough to be used up by requests that hold one each. */
  static final int THREADS = 8;

  /** Starts a server on a free port, its clock standing at {@link RangeRow#NOW}. */
  WebServer start(Backend backend) throws Exception {
    SwarmgateFilter filter =
        new SwarmgateFilter(
            parameters -> backend,
            this == TOMCAT_BY_COPY ? SliceOutput.ByCopy::new : SliceOutput.detect(),
            new Delivery(InstantSource.fixed(RangeRow.NOW)));
    return this == JETTY ? new JettyServer(filter) : new TomcatServer(filter);
  }
}
