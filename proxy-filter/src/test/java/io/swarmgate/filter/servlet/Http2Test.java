package io.swarmgate.filter.servlet;

import io.swarmgate.filter.testing.Http2Tests;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.WebServer;
import org.junit.jupiter.api.Nested;

/** The filter over HTTP/2. */
class Http2Test {
  @Nested
  class InJetty extends InContainer {
    InJetty() {
      super(Container.JETTY);
    }
  }

  @Nested
  class InTomcat extends InContainer {
    InTomcat() {
      super(Container.TOMCAT);
    }
  }

  abstract static class InContainer extends Http2Tests {
    private final Container container;

    InContainer(Container container) {
      this.container = container;
    }

    @Override
    protected WebServer start(ScriptedBackend backend) throws Exception {
      return container.start(backend);
    }
  }
}
