package io.swarmgate.filter.http;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Field;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An exchange that the chain has agreed to, and whose response has what it put beside it. */
record AllowedExchange(Exchange exchange, ChainAnswer answer) implements Exchange {
  @Override
  public RequestView request() {
    return exchange.request();
  }

  @Override
  public @Nullable String mimeType(String path) {
    return exchange.mimeType(path);
  }

  @Override
  public void ask(Consumer<ChainAnswer> answered) {
    throw new IllegalStateException("the chain was asked before");
  }

  @Override
  public void respond(int status, List<Field> fields, Body body) {
    exchange.respond(status, answer.beside(fields), body);
  }

  /** Its turn has passed. */
  @Override
  public void next() {
    fail(500);
  }

  @Override
  public void refuse() {
    fail(500);
  }

  @Override
  public void fail(int status) {
    exchange.fail(status);
  }
}
