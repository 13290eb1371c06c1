package io.swarmgate.jetty;

import io.swarmgate.filter.testing.JettyCore;
import io.swarmgate.filter.testing.NodeTests;
import io.swarmgate.filter.testing.WebServer;
import java.nio.file.Path;
import java.util.Map;

/** Real nodes in the handler. */
class HandlerNodeTest extends NodeTests {
  @Override
  protected WebServer start(Map<String, String> settings, Path base) throws Exception {
    SwarmgateHandler handler = new SwarmgateHandler();
    settings.forEach(handler::set);
    handler.setBase(base.toString());
    return new JettyCore(handler, ScriptedHandler.THREADS, null);
  }
}
