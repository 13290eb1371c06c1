package io.swarmgate.filter.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.swarmgate.backend.config.HostPort;
import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.status.NodeStatus;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's own small HTTP server, apart from the container's connectors: {@code /} is a page for
 * people, {@code /status} the same as JSON, {@code /live} answers 200 while the process does, and
 * {@code /ready} 200 while the node serves and 503 otherwise. Thread-safe.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int THREADS = 2;

  private final HttpServer server;
  private final ExecutorService executor;
  private final AdminGuard guard;
  private final Supplier<NodeStatus> status;

  /**
   * Binds and starts.
   *
   * @param token asked for at {@code /} and {@code /status}; empty if nothing is
   * @throws IOException if the address can't be bound; the message is one line for the log
   */
  public static AdminServer start(HostPort listen, Secret token, Supplier<NodeStatus> status)
      throws IOException {
    InetSocketAddress address = new InetSocketAddress(listen.host(), listen.port());
    HttpServer server;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "adminListen: expected an address that is free, got \""
              + listen
              + "\" ("
              + e.getMessage()
              + ")",
          e);
    }
    AdminServer admin = new AdminServer(server, new AdminGuard(listen, token), status);
    server.start();
    LOG.info("Status page on http://{}/", admin.address());
    return admin;
  }

  private AdminServer(HttpServer server, AdminGuard guard, Supplier<NodeStatus> status) {
    this.server = server;
    this.guard = guard;
    this.status = status;
    this.executor =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "swarmgate-admin");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(executor);
    server.createContext("/", this::handle);
  }

  /** Where it listens; the port is the real one where 0 was asked for. */
  public HostPort address() {
    InetSocketAddress bound = server.getAddress();
    return new HostPort(bound.getHostString(), bound.getPort());
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      answer(exchange);
    } catch (RuntimeException e) {
      LOG.warn("{}: no status", exchange.getRequestURI(), e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    Headers request = exchange.getRequestHeaders();
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    if (!guard.knowsHost(request.getFirst("Host"))) {
      send(exchange, 421, "text/plain", "This is not the host you asked for.\n");
    } else if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      send(exchange, 405, "text/plain", "Only GET and HEAD.\n");
    } else if (path.equals("/live")) {
      send(exchange, 200, "text/plain", "live\n");
    } else if (path.equals("/ready")) {
      boolean ready = status.get().running();
      send(exchange, ready ? 200 : 503, "text/plain", ready ? "ready\n" : "not ready\n");
    } else if (!guard.admits(request.getFirst("Authorization"))) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"Swarmgate\"");
      send(exchange, 401, "text/plain", "The adminToken is needed.\n");
    } else if (path.equals("/status")) {
      send(exchange, 200, "application/json", Json.of(fields(status.get())) + "\n");
    } else if (path.equals("/")) {
      send(exchange, 200, "text/html; charset=utf-8", StatusPage.of(status.get()));
    } else {
      send(exchange, 404, "text/plain", "There are /, /status, /live and /ready.\n");
    }
  }

  /** What {@code /status} tells. Scripts rely on these names; they may be added to. */
  private static Map<String, Object> fields(NodeStatus node) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("enabled", node.enabled());
    fields.put("running", node.running());
    fields.put("uploaded", node.uploaded());
    fields.put("downloaded", node.downloaded());
    fields.put("fromOrigins", node.fromOrigins());
    fields.put("sites", node.sites());
    fields.put("swarms", node.swarms());
    return fields;
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(bytes.length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** Stops at once. Idempotent. */
  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
