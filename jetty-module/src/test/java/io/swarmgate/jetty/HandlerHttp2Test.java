package io.swarmgate.jetty;

import io.swarmgate.filter.testing.Http2Tests;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.WebServer;

/** The handler over HTTP/2. */
class HandlerHttp2Test extends Http2Tests {
  @Override
  protected WebServer start(ScriptedBackend backend) throws Exception {
    return ScriptedHandler.start(backend, null);
  }
}
