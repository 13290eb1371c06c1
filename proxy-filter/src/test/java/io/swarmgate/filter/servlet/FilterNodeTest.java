package io.swarmgate.filter.servlet;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.node.Node;
import io.swarmgate.filter.testing.NodeTests;
import io.swarmgate.filter.testing.WebServer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** Real nodes behind the filter. */
class FilterNodeTest {
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
  class InTomcatOfServlet60 extends InContainer {
    InTomcatOfServlet60() {
      super(Container.TOMCAT_10_1);
    }
  }

  abstract static class InContainer extends NodeTests {
    private final Container container;

    InContainer(Container container) {
      this.container = container;
    }

    /** The node is closed with the filter. */
    @Override
    protected WebServer start(Map<String, String> settings, Path base) throws Exception {
      Backend node = Node.start(settings, base);
      return container.start(node, InstantSource.system());
    }
  }
}
