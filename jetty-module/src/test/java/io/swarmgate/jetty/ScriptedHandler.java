package io.swarmgate.jetty;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.http.Delivery;

/** The handler over a backend of a test's. */
final class ScriptedHandler extends BackendHandler {
  private final Backend backend;

  ScriptedHandler(Backend backend, Delivery delivery) {
    super(delivery);
    this.backend = backend;
  }

  @Override
  protected Backend backend() {
    return backend;
  }
}
