package io.swarmgate.filter.testing;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;

/** A running server with the filter in it, compressing what it may. */
public interface WebServer extends AutoCloseable {
  int port();

  /** Where it speaks TLS, if it was started with keys. */
  int tlsPort();

  /** How many bytes peers brought, for each request, as an access log sees it; null if untold. */
  BlockingQueue<Optional<Object>> log();

  @Override
  void close();
}
