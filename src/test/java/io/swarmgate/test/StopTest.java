package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.test.harness.Http;
import io.swarmgate.test.harness.JettyBase;
import io.swarmgate.test.harness.JettyProcess;
import io.swarmgate.test.harness.Servers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What signals do to a server that a client downloads from. */
class StopTest {
  /** More than the sockets between the two take. */
  private static final int LENGTH = 64 << 20;

  /** Of a JVM that ended on SIGTERM. */
  private static final int TERMINATED = 143;

  @RegisterExtension final Servers servers = new Servers();

  @Test
  void aStopDrainsWhateverSignalsComeUntilAnOperatorCutsItShort() throws Exception {
    servers.file("content/big.bin", LENGTH);
    JettyProcess node = node();
    try (Socket client = download(node)) {
      CompletableFuture<byte[]> body = CompletableFuture.supplyAsync(() -> rest(client));
      node.signal("TERM");
      awaitDraining(node);
      node.signal("TERM");
      node.signal("INT");
      awaitDraining(node);

      HttpResponse<byte[]> answer =
          Http.post(node.adminUri("/drain"), "seconds=0", "Swarmgate-Action", "test");

      assertThat(answer.statusCode()).isEqualTo(202);
      assertThat(node.awaitExit()).isEqualTo(TERMINATED);
      assertThat(node.log()).contains("1 responses still run, and are aborted");
      assertThat(body.get(30, TimeUnit.SECONDS)).hasSizeLessThan(LENGTH);
    }
  }

  private JettyProcess node() throws Exception {
    JettyBase base =
        servers
            .base("publisher")
            .set("patterns", "/*")
            .set("content", servers.directory().resolve("content").toString())
            .set("drainTimeout", "10m");
    // A second, otherwise: on a machine that stands still for as long, every connection is idle.
    Files.writeString(
        base.directory().resolve("etc/patient.xml"),
        """
        <?xml version="1.0"?>
        <!DOCTYPE Configure PUBLIC "-//Jetty//Configure//EN" "https://jetty.org/configure_10_0.dtd">
        <Configure id="httpConnector" class="org.eclipse.jetty.server.ServerConnector">
          <Set name="shutdownIdleTimeout">60000</Set>
        </Configure>
        """);
    return servers.start(base.ini("patient", "etc/patient.xml"));
  }

  private static void awaitDraining(JettyProcess node) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              HttpResponse<byte[]> health = Http.get(node.adminUri("/health"));
              assertThat(health.statusCode()).isEqualTo(503);
              assertThat(new String(health.body(), UTF_8))
                  .contains("the node stops; 1 responses are under way");
            });
  }

  /** A download of which no more than the head is read. */
  private static Socket download(JettyProcess node) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(64 << 10);
    socket.setSoTimeout(30_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.uri("").getPort()));
    socket
        .getOutputStream()
        .write("GET /big.bin HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".getBytes(US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) socket.getInputStream().read());
    }
    assertThat(head).startsWith("HTTP/1.1 200 ");
    return socket;
  }

  /** What comes after the head; slowly. */
  private static byte[] rest(Socket socket) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[64 << 10];
    try {
      InputStream in = socket.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        all.write(buffer, 0, read);
        TimeUnit.MILLISECONDS.sleep(10);
      }
    } catch (IOException e) {
      // As a response that was cut off may end.
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return all.toByteArray();
  }
}
