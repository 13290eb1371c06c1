package io.swarmgate.jetty;

import io.swarmgate.filter.http.Delivery;
import io.swarmgate.filter.testing.Http2Tests;
import io.swarmgate.filter.testing.RangeRow;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.WebServer;
import java.time.InstantSource;

/** The handler over HTTP/2. */
class HandlerHttp2Test extends Http2Tests {
  @Override
  protected WebServer start(ScriptedBackend backend) throws Exception {
    return new HandlerServer(
        new ScriptedHandler(backend, new Delivery(InstantSource.fixed(RangeRow.NOW))));
  }
}
