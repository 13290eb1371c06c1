package io.swarmgate.filter.http;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Representation;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers exchanges from a backend: asks it what to do, and does that through one of the exchange's
 * endings. Never blocks, never throws; trouble of our own is logged and answered with 500.
 * Thread-safe, one for all requests.
 */
public final class Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  private final InstantSource clock;

  public Delivery() {
    this(InstantSource.system());
  }

  /** With a clock of one's own, against which Last-Modified is measured. */
  public Delivery(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Answers one exchange whose request the backend {@link Backend#accepts accepts}. The ending may
   * be called before this returns, or later on another thread.
   */
  public void handle(Backend backend, Exchange exchange) {
    try {
      backend
          .open(exchange.request())
          .whenComplete((outcome, failure) -> carryOut(exchange, outcome, failure));
    } catch (RuntimeException | Error e) {
      end(exchange, failed(exchange, e));
    }
  }

  private void carryOut(Exchange exchange, @Nullable Outcome outcome, @Nullable Throwable failure) {
    Ending ending;
    try {
      ending =
          outcome == null
              ? failed(exchange, failure == null ? new NullPointerException("outcome") : failure)
              : decide(exchange, outcome);
    } catch (RuntimeException | Error e) {
      ending = failed(exchange, e);
    }
    end(exchange, ending);
  }

  private Ending decide(Exchange exchange, Outcome outcome) {
    if (outcome instanceof Outcome.Serve serve) {
      Response response = respond(exchange, serve.representation());
      return new Ending(
          () -> exchange.respond(response.status(), response.fields(), response.body()),
          response.body());
    }
    if (outcome instanceof Outcome.PassThrough origin) {
      return new Ending(
          () -> exchange.respond(origin.status(), origin.fields(), origin.body()), origin.body());
    }
    if (outcome instanceof Outcome.Fail fail) {
      logFailure(exchange.request(), fail);
      return new Ending(() -> exchange.fail(fail.status()), null);
    }
    if (outcome instanceof Outcome.Busy busy) {
      Response response = Response.busy(busy.retryAfter());
      return new Ending(
          () -> exchange.respond(response.status(), response.fields(), response.body()), null);
    }
    if (outcome instanceof Outcome.Ask ask) {
      return new Ending(() -> ask(exchange, ask), null);
    }
    return new Ending(exchange::next, null);
  }

  /** Not an ending yet: goes on by what the chain says. */
  private void ask(Exchange exchange, Outcome.Ask ask) {
    try {
      exchange.ask(answer -> answered(exchange, ask, answer));
    } catch (RuntimeException | Error e) {
      ask.refused().run();
      end(exchange, failed(exchange, e));
    }
  }

  private void answered(Exchange exchange, Outcome.Ask ask, ChainAnswer answer) {
    if (!answer.allows()) {
      ask.refused().run();
      end(exchange, new Ending(exchange::refuse, null));
      return;
    }
    Exchange allowed = new AllowedExchange(exchange, answer);
    try {
      ask.allowed().get().whenComplete((outcome, failure) -> carryOut(allowed, outcome, failure));
    } catch (RuntimeException | Error e) {
      end(allowed, failed(allowed, e));
    }
  }

  private Response respond(Exchange exchange, Representation representation) {
    try (representation) {
      String type = representation.contentType();
      return Response.to(
          exchange.request(),
          representation,
          type != null ? type : exchange.mimeType(resourcePath(exchange.request())),
          clock.instant());
    }
  }

  /** The path without path parameters, which would hide its extension. */
  private static String resourcePath(RequestView request) {
    String path = request.rawPath();
    int parameters = path.indexOf(';', path.lastIndexOf('/') + 1);
    return parameters < 0 ? path : path.substring(0, parameters);
  }

  private static void logFailure(RequestView request, Outcome.Fail fail) {
    if (fail.status() >= 500) {
      LOG.warn(
          "{} {}: answered {}: {}",
          request.method(),
          request.rawPath(),
          fail.status(),
          fail.reason());
    } else {
      LOG.info(
          "{} {}: answered {}: {}",
          request.method(),
          request.rawPath(),
          fail.status(),
          fail.reason());
    }
  }

  private static Ending failed(Exchange exchange, Throwable cause) {
    RequestView request = exchange.request();
    LOG.error("{} {}: answered 500", request.method(), request.rawPath(), cause);
    return new Ending(() -> exchange.fail(500), null);
  }

  /** Calls the one ending. If it throws, another must not be called: only the body is given up. */
  private static void end(Exchange exchange, Ending ending) {
    try {
      ending.call().run();
    } catch (RuntimeException | Error e) {
      RequestView request = exchange.request();
      LOG.error("{} {}: the response failed", request.method(), request.rawPath(), e);
      if (ending.body() != null) {
        ending.body().close();
      }
    }
  }

  /**
   * An ending and what it takes over.
   *
   * @param body closed if the call fails
   */
  private record Ending(Runnable call, @Nullable Body body) {}
}
