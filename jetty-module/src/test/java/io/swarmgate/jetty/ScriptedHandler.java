package io.swarmgate.jetty;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.http.Delivery;
import io.swarmgate.filter.testing.JettyCore;
import io.swarmgate.filter.testing.RangeRow;
import io.swarmgate.filter.testing.TestKeys;
import io.swarmgate.filter.testing.WebServer;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The handler over a backend of a test's. */
final class ScriptedHandler extends BackendHandler {
  /** Request threads of a test's server. */
  static final int THREADS = 8;

  private final Backend backend;

  ScriptedHandler(Backend backend, Delivery delivery) {
    super(delivery);
    this.backend = backend;
  }

  /**
   * A server with one, its clock standing at the table's.
   *
   * @param keys what TLS is spoken with; null for none
   */
  static WebServer start(Backend backend, @Nullable TestKeys keys) throws Exception {
    Delivery delivery = new Delivery(InstantSource.fixed(RangeRow.NOW));
    return new JettyCore(new ScriptedHandler(backend, delivery), THREADS, keys);
  }

  @Override
  protected Backend backend() {
    return backend;
  }
}
