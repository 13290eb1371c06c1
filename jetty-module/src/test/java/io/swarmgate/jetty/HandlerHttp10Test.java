package io.swarmgate.jetty;

import io.swarmgate.filter.testing.OldClientTests;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.WebServer;

/** The handler asked by HTTP/1.0 clients. */
class HandlerHttp10Test extends OldClientTests {
  @Override
  protected WebServer start(ScriptedBackend backend) throws Exception {
    return ScriptedHandler.start(backend, null);
  }
}
