package io.swarmgate.jetty;

import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.TestKeys;
import io.swarmgate.filter.testing.TlsTests;
import io.swarmgate.filter.testing.WebServer;

/** The handler over TLS. */
class HandlerTlsTest extends TlsTests {
  @Override
  protected WebServer start(ScriptedBackend backend, TestKeys keys) throws Exception {
    return ScriptedHandler.start(backend, keys);
  }
}
