package io.swarmgate.backend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A publisher's HTTP side, just enough of it for an edge. */
final class OriginServer implements AutoCloseable {
  private final SwarmBackend publisher;
  private final HttpServer server;

  OriginServer(SwarmBackend publisher) throws IOException {
    this.publisher = publisher;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Outcome outcome =
          Reading.await(publisher.open(TestRequest.get(exchange.getRequestURI().getRawPath())));
      if (!(outcome instanceof Outcome.Serve serve)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      Representation file = serve.representation();
      String etag = file.validator().etag();
      if (etag != null) {
        exchange.getResponseHeaders().add("ETag", etag);
      }
      file.fields().forEach(f -> exchange.getResponseHeaders().add(f.name(), f.value()));
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().add("Content-Length", Long.toString(file.length()));
        exchange.sendResponseHeaders(200, -1);
        file.close();
      } else {
        exchange.sendResponseHeaders(200, file.length());
        exchange.getResponseBody().write(Reading.all(file));
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
