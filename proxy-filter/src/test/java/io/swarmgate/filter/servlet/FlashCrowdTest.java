package io.swarmgate.filter.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.swarmgate.filter.node.Node;
import io.swarmgate.filter.testing.WebServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plain origin, its shield, and edges behind that, all of whose clients come at once. */
class FlashCrowdTest {
  private static final int EDGES = 6;
  private static final int CLIENTS = 60;
  private static final String PATH = "/s/big.bin";
  private static final byte[] CONTENT = new byte[(12 << 20) + 345];

  /** What the origin sends before every client has begun to receive. */
  private static final int FIRST = 2 << 20;

  @TempDir Path base;

  private final AtomicLong sent = new AtomicLong();
  private final CountDownLatch receiving = new CountDownLatch(CLIENTS);
  private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
  private final ExecutorService originThreads = Executors.newCachedThreadPool();
  private final List<WebServer> servers = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void end() {
    servers.forEach(WebServer::close);
    clients.shutdownNow();
    originThreads.shutdownNow();
  }

  @Test
  void costsTheOriginOneCopyAndIsServedOnWhenOriginAndShieldHaveGone() throws Exception {
    new Random(3).nextBytes(CONTENT);
    HttpServer origin = origin();
    List<Integer> peerPorts = new ArrayList<>();
    for (int i = 0; i <= EDGES; i++) {
      peerPorts.add(freePort());
    }
    WebServer shield = node("shield", url(origin.getAddress().getPort()), peerPorts, 0);
    List<Integer> edges = new ArrayList<>();
    for (int i = 1; i <= EDGES; i++) {
      edges.add(node("edge-" + i, url(shield.port()), peerPorts, i).port());
    }

    List<Future<byte[]>> bodies = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      int port = edges.get(i % EDGES);
      bodies.add(clients.submit(() -> download(port)));
    }
    byte[] expected = MessageDigest.getInstance("SHA-256").digest(CONTENT);
    for (Future<byte[]> body : bodies) {
      assertThat(body.get(120, TimeUnit.SECONDS)).isEqualTo(expected);
    }
    assertThat(sent.get()).isBetween((long) CONTENT.length, CONTENT.length * 105L / 100);

    // From here on the file comes to the edges by the swarm.
    for (int port : edges) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> head(port).headers().firstValue("Repr-Digest").isPresent());
      assertThat(download(port)).isEqualTo(expected);
    }
    assertThat(sent.get()).isLessThanOrEqualTo(CONTENT.length * 105L / 100);

    origin.stop(0);
    shield.close();
    for (int port : edges) {
      assertThat(download(port)).isEqualTo(expected);
    }
  }

  private byte[] download(int port) throws Exception {
    HttpResponse<InputStream> response =
        http.send(
            HttpRequest.newBuilder(URI.create(url(port) + PATH)).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (InputStream body = response.body()) {
      byte[] buffer = new byte[64 << 10];
      boolean first = true;
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        digest.update(buffer, 0, read);
        if (first) {
          first = false;
          receiving.countDown();
        }
      }
    }
    return digest.digest();
  }

  private HttpResponse<Void> head(int port) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(url(port) + PATH))
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.discarding());
  }

  private WebServer node(String name, String origin, List<Integer> peerPorts, int number)
      throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("patterns", "/s/*");
    settings.put("origin", origin);
    settings.put("store", "store-" + name);
    settings.put("storeMax", "64MiB");
    settings.put("adminListen", "off");
    settings.put("peerPort", Integer.toString(peerPorts.get(number)));
    settings.put(
        "peers", String.join(",", peerPorts.stream().map(port -> "127.0.0.1:" + port).toList()));
    WebServer server = Container.JETTY.start(Node.start(settings, base), InstantSource.system());
    servers.add(server);
    return server;
  }

  private HttpServer origin() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(originThreads);
    server.createContext(PATH, this::answer);
    server.start();
    return server;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().add("ETag", "\"one\"");
      exchange.getResponseHeaders().add("Cache-Control", "max-age=3600");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().add("Content-Length", Integer.toString(CONTENT.length));
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      String range = exchange.getRequestHeaders().getFirst("Range");
      Matcher asked = Pattern.compile("bytes=(\\d+)-(\\d+)").matcher(range == null ? "" : range);
      boolean part = asked.matches();
      int from = part ? Integer.parseInt(asked.group(1)) : 0;
      int end = part ? Integer.parseInt(asked.group(2)) + 1 : CONTENT.length;
      if (part) {
        exchange
            .getResponseHeaders()
            .add("Content-Range", "bytes " + from + "-" + (end - 1) + "/" + CONTENT.length);
      }
      exchange.sendResponseHeaders(part ? 206 : 200, end - from);
      send(exchange.getResponseBody(), from, end);
    }
  }

  private void send(OutputStream out, int from, int end) throws IOException {
    for (int at = from; at < end; at += 64 << 10) {
      if (at >= FIRST) {
        awaitCrowd();
      }
      int count = Math.min(64 << 10, end - at);
      out.write(CONTENT, at, count);
      sent.addAndGet(count);
      out.flush();
    }
  }

  private void awaitCrowd() throws IOException {
    try {
      if (!receiving.await(60, TimeUnit.SECONDS)) {
        throw new IOException("expected every client to receive, lacking " + receiving.getCount());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
