package io.swarmgate.jetty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that stops gracefully while a client downloads from the handler. */
class DrainTest {
  /** More than the sockets between the two take. */
  private static final int LENGTH = 64 << 20;

  private final byte[] content = new byte[LENGTH];
  private final HttpClient http = HttpClient.newHttpClient();
  private final Server server = new Server(new QueuedThreadPool(ScriptedHandler.THREADS));
  private final ServerConnector connector = new ServerConnector(server, 1, 1);
  private int adminPort;
  private volatile boolean slowly = true;

  @TempDir private Path base;

  @BeforeEach
  void start() throws Exception {
    new Random(3).nextBytes(content);
    Files.write(Files.createDirectories(base.resolve("content/files")).resolve("x"), content);
    adminPort = Ports.free();
    SwarmgateHandler handler = new SwarmgateHandler();
    Map.of(
            "patterns",
            "/files/*",
            "content",
            base.resolve("content").toString(),
            "store",
            base.resolve("store").toString(),
            "peerPort",
            "0",
            "adminListen",
            "127.0.0.1:" + adminPort)
        .forEach(handler::set);
    connector.setHost("127.0.0.1");
    // A second, otherwise: on a machine that stands still for as long, every connection is idle.
    connector.setShutdownIdleTimeout(60_000);
    server.addConnector(connector);
    server.setHandler(handler);
    // Any but 0: the handler raises it to its drainTimeout.
    server.setStopTimeout(1);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.setStopTimeout(0);
    server.stop();
  }

  @Test
  void aDownloadIsFinishedBeforeTheServerStops() throws Exception {
    try (Socket client = download()) {
      CompletableFuture<byte[]> rest = CompletableFuture.supplyAsync(() -> rest(client));
      CompletableFuture<Void> stop = stopping();
      assertThat(drain("on=false").statusCode()).isEqualTo(409);
      assertThat(drain("on=false").body()).contains("can't be taken back");
      assertThat(stop).isNotDone();

      slowly = false;
      assertThat(rest.get(30, TimeUnit.SECONDS)).isEqualTo(content);

      stop.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void anOperatorCutsTheWaitForADownloadShort() throws Exception {
    assertThat(drain("seconds=0").statusCode()).isEqualTo(409);
    try (Socket client = download()) {
      CompletableFuture<byte[]> rest = CompletableFuture.supplyAsync(() -> rest(client));
      CompletableFuture<Void> stop = stopping();

      assertThat(drain("seconds=0").body()).contains("\"stopping\":true,\"responses\":1");

      stop.get(30, TimeUnit.SECONDS);
      slowly = false;
      assertThat(rest.get(30, TimeUnit.SECONDS)).hasSizeLessThan(LENGTH);
    }
  }

  /** A download of which no more than the head is read. */
  private Socket download() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(64 << 10);
    socket.connect(new InetSocketAddress("127.0.0.1", connector.getLocalPort()));
    socket
        .getOutputStream()
        .write(
            "GET /files/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) socket.getInputStream().read());
    }
    assertThat(head).startsWith("HTTP/1.1 200 ");
    return socket;
  }

  private byte[] rest(Socket socket) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[64 << 10];
    try {
      InputStream in = socket.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        all.write(buffer, 0, read);
        if (slowly) {
          TimeUnit.MILLISECONDS.sleep(10);
        }
      }
    } catch (IOException e) {
      // As a response that was cut off may end.
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return all.toByteArray();
  }

  /** Begins to stop the server, and waits until balancers can see that. */
  private CompletableFuture<Void> stopping() {
    CompletableFuture<Void> stop =
        CompletableFuture.runAsync(
            () -> {
              try {
                server.stop();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    await()
        .untilAsserted(
            () -> {
              HttpResponse<String> health = send(HttpRequest.newBuilder(admin("/health")));
              assertThat(health.statusCode()).isEqualTo(503);
              assertThat(health.body()).contains("the node stops; 1 responses are under way");
            });
    return stop;
  }

  private HttpResponse<String> drain(String form) throws Exception {
    return send(
        HttpRequest.newBuilder(admin("/drain"))
            .header("Swarmgate-Action", "test")
            .POST(HttpRequest.BodyPublishers.ofString(form)));
  }

  private URI admin(String path) {
    return URI.create("http://127.0.0.1:" + adminPort + path);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
