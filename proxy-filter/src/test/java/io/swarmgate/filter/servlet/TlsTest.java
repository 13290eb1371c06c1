package io.swarmgate.filter.servlet;

import io.swarmgate.filter.testing.RangeRow;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.TestKeys;
import io.swarmgate.filter.testing.TlsTests;
import io.swarmgate.filter.testing.WebServer;
import java.time.InstantSource;
import org.junit.jupiter.api.Nested;

/** The filter over TLS. */
class TlsTest {
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

  @Nested
  class InJettyOfServlet60 extends InContainer {
    InJettyOfServlet60() {
      super(Container.JETTY_EE10);
    }
  }

  @Nested
  class InTomcatOfServlet60 extends InContainer {
    InTomcatOfServlet60() {
      super(Container.TOMCAT_10_1);
    }
  }

  abstract static class InContainer extends TlsTests {
    private final Container container;

    InContainer(Container container) {
      this.container = container;
    }

    @Override
    protected WebServer start(ScriptedBackend backend, TestKeys keys) throws Exception {
      return container.start(backend, InstantSource.fixed(RangeRow.NOW), keys);
    }
  }
}
