package io.swarmgate.test.harness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A login in front of a server: passes requests on, as one user, that have a certain cookie, and
 * refuses others with 401.
 */
public final class Gateway implements AutoCloseable {
  /** What the JDK's client sets itself, or is about one connection. */
  private static final Set<String> OWN =
      Set.of(
          "host", "connection", "content-length", "transfer-encoding", "upgrade", "http2-settings");

  private final HttpServer server;
  private final HttpClient client = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final URI behind;
  private final String cookie;
  private final String authorization;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * Opens a gateway on a free port.
   *
   * @param behind the server's base URL
   * @param cookie who has it may pass
   * @param authorization what the server is shown
   */
  public Gateway(URI behind, String cookie, String authorization) throws IOException {
    this.behind = behind;
    this.cookie = cookie;
    this.authorization = authorization;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  /** Bytes of content that have passed. */
  public long bytes() {
    return bytes.get();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!List.of(cookie).equals(exchange.getRequestHeaders().get("Cookie"))) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Cookie");
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      HttpResponse<byte[]> response =
          client.send(request(exchange), HttpResponse.BodyHandlers.ofByteArray());
      response
          .headers()
          .map()
          .forEach(
              (name, values) -> {
                if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
                  exchange.getResponseHeaders().put(name, List.copyOf(values));
                }
              });
      response
          .headers()
          .firstValue("Content-Length")
          .filter(length -> exchange.getRequestMethod().equals("HEAD"))
          .ifPresent(length -> exchange.getResponseHeaders().set("Content-Length", length));
      byte[] body = response.body();
      bytes.addAndGet(body.length);
      exchange.sendResponseHeaders(response.statusCode(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpRequest request(HttpExchange exchange) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(behind + exchange.getRequestURI().toString()))
            .version(HttpClient.Version.HTTP_1_1)
            .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.noBody());
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    return request.setHeader("Authorization", authorization).build();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
