package io.swarmgate.filter.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.swarmgate.backend.config.HostPort;
import io.swarmgate.backend.config.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's own small HTTP server, apart from the container's connectors: the status page, the JSON
 * behind it, actions, metrics and probes. docs/openapi.json describes it. Thread-safe.
 *
 * <p>Every request is asked for the Host it names, and all but the probes for the token. An action
 * is a POST, and must come from the page itself, or from a program that says so.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int THREADS = 4;
  private static final String STREAM = "/api/v1/stream";
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final HttpServer server;
  private final ExecutorService executor;
  private final AdminGuard guard;
  private final Audit audit;
  private final Router probes = new Router();
  private final Router router = new Router();
  private final Preheats preheats;
  private final EventStream stream;

  /**
   * Binds and starts.
   *
   * @param token asked for by all but the probes; empty if nothing is
   * @param watch what has been kept of the node's doing; closed by whoever made it
   * @throws IOException if the address can't be bound; the message is one line for the log
   */
  public static AdminServer start(HostPort listen, Secret token, ManagedNode node, Watch watch)
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
    AdminServer admin = new AdminServer(server, new AdminGuard(listen, token), node, watch);
    server.start();
    LOG.info("Status page on http://{}/", admin.address());
    return admin;
  }

  private AdminServer(HttpServer server, AdminGuard guard, ManagedNode node, Watch watch) {
    this.server = server;
    this.guard = guard;
    this.audit = new Audit(watch.events());
    this.preheats = new Preheats(node);
    Health health = new Health(node);
    Overview overview = new Overview(node, watch, health);
    this.stream = new EventStream(() -> Json.of(overview.snapshot(preheats)));
    Reads reads = new Reads(node, overview, watch, health, preheats);
    reads.addProbesTo(probes);
    reads.addTo(router);
    new Actions(node, preheats, audit).addTo(router);
    Assets.addTo(router);
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

  /** Everything it answers, each as {@code METHOD PATH}. */
  Set<String> routes() {
    Set<String> all = new TreeSet<>(probes.all());
    all.addAll(router.all());
    all.add("GET " + STREAM);
    return all;
  }

  private void handle(HttpExchange exchange) throws IOException {
    boolean handedOn = false;
    try {
      Headers fields = exchange.getResponseHeaders();
      fields.set("Cache-Control", "no-store");
      fields.set("X-Content-Type-Options", "nosniff");
      fields.set("Referrer-Policy", "no-referrer");
      fields.set("Content-Security-Policy", POLICY);
      Reply reply = answer(exchange);
      handedOn = reply == null;
      if (reply != null) {
        send(exchange, reply);
      }
    } catch (RuntimeException e) {
      LOG.warn("{}: no answer", exchange.getRequestURI().getPath(), e);
    } finally {
      if (!handedOn) {
        exchange.close();
      }
    }
  }

  /** Answers; null if the exchange is streamed to from now on. */
  private @Nullable Reply answer(HttpExchange exchange) throws IOException {
    Headers request = exchange.getRequestHeaders();
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    if (!guard.knowsHost(request.getFirst("Host"))) {
      return Reply.text(421, "This is not the host you asked for.\n");
    }
    Resource probe = probes.find(method, path).orElse(null);
    if (probe != null) {
      return answer(exchange, probe);
    }
    if (!guard.admits(request.getFirst("Authorization"))) {
      if (request.containsKey("Authorization")) {
        refused(exchange, "the token is wrong");
      }
      return Reply.text(401, "The adminToken is needed.\n")
          .with("WWW-Authenticate", "Basic realm=\"Swarmgate\"");
    }
    if (path.equals(STREAM) && method.equals("GET")) {
      return stream.open(exchange) ? null : Reply.error(503, "too many pages are open");
    }
    Resource resource = router.find(method, path).orElse(null);
    if (resource == null) {
      String allowed = probes.allowed(path) + router.allowed(path);
      return allowed.isEmpty()
          ? Reply.text(404, "There is nothing here; /openapi.json tells what there is.\n")
          : Reply.text(405, "Allowed here: " + allowed + ".\n").with("Allow", allowed);
    }
    if (method.equals("POST") && !guard.isOurs(request)) {
      refused(exchange, "it comes from another site, or from nobody that says so");
      return Reply.error(
          403, "expected the field " + AdminGuard.ACTION + ", or an Origin that is this listener");
    }
    return answer(exchange, resource);
  }

  private static Reply answer(HttpExchange exchange, Resource resource) {
    try {
      return resource.answer(Ask.of(exchange));
    } catch (Ask.BadParameterException e) {
      return Reply.error(400, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return Reply.error(503, String.valueOf(e.getMessage()));
    }
  }

  private void refused(HttpExchange exchange, String why) {
    audit.refused(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getPath(),
        exchange.getRemoteAddress().getAddress().getHostAddress(),
        why);
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", reply.type());
    reply.fields().forEach(headers::set);
    byte[] bytes = reply.body();
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(bytes.length));
      exchange.sendResponseHeaders(reply.status(), -1);
    } else {
      exchange.sendResponseHeaders(reply.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** Stops at once. Idempotent. */
  @Override
  public void close() {
    preheats.close();
    stream.close();
    server.stop(0);
    executor.shutdownNow();
  }
}
