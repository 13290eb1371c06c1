package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.test.harness.Http;
import io.swarmgate.test.harness.JettyBase;
import io.swarmgate.test.harness.JettyProcess;
import io.swarmgate.test.harness.Servers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One node isn't drowned by clients that take their time. */
class LoadLimitTest {
  private static final int LENGTH = 64 << 20;

  @RegisterExtension final Servers servers = new Servers();

  @Test
  void beyondTheLimitOfAllClientsAreToldToComeAgainUntilSomebodyHasGone() throws Exception {
    JettyProcess node = publisher("maxResponses", "2");
    List<Socket> slow = new ArrayList<>();
    try {
      slow.add(slowDownload(node));
      slow.add(slowDownload(node));
      HttpResponse<byte[]> refused = Http.get(node.uri("/big.bin"), "Range", "bytes=0-9");

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("5");
      assertThat(refused.body()).isEmpty();
      vanish(slow.remove(0));
      awaitServed(node);
      vanish(slow.remove(0));
      awaitServed(node);
      // Neither those who vanished nor those refused nor those served are counted for long.
      slow.add(awaitSlowDownload(node));
      slow.add(awaitSlowDownload(node));
    } finally {
      for (Socket socket : slow) {
        vanish(socket);
      }
    }
  }

  @Test
  void oneClientsLimitIsItsOwn() throws Exception {
    JettyBase base = base("maxResponsesPerClient", "1");
    // The addresses of clients are those that a proxy tells of.
    base.startJar("--add-modules=http-forwarded");
    JettyProcess node = servers.start(base);
    try (Socket slow = slowDownload(node, "X-Forwarded-For: 192.0.2.1\r\n")) {
      assertThat(range(node, "192.0.2.1")).isEqualTo(503);
      assertThat(range(node, "192.0.2.2")).isEqualTo(206);
      vanish(slow);
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(range(node, "192.0.2.1")).isEqualTo(206));
    }
  }

  private static int range(JettyProcess node, String client) throws Exception {
    return Http.get(node.uri("/big.bin"), "Range", "bytes=0-9", "X-Forwarded-For", client)
        .statusCode();
  }

  private static void awaitServed(JettyProcess node) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(Http.get(node.uri("/big.bin"), "Range", "bytes=0-9").statusCode())
                    .isEqualTo(206));
  }

  private JettyBase base(String name, String value) throws Exception {
    servers.file("content/big.bin", LENGTH);
    return servers
        .base("publisher")
        .set("patterns", "/*")
        .set("content", servers.directory().resolve("content").toString())
        .set(name, value);
  }

  private JettyProcess publisher(String name, String value) throws Exception {
    return servers.start(base(name, value));
  }

  /**
   * A download of which the first bytes are read, and more than any buffer holds never is.
   *
   * @throws IOException if it is refused
   */
  private static Socket slowDownload(JettyProcess node, String... fields) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(64 << 10);
    socket.setSoTimeout(30_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.uri("").getPort()));
    String request = "GET /big.bin HTTP/1.1\r\nHost: h\r\n" + String.join("", fields) + "\r\n";
    socket.getOutputStream().write(request.getBytes(US_ASCII));
    byte[] begin = socket.getInputStream().readNBytes(12);
    String status = new String(begin, US_ASCII);
    if (!status.equals("HTTP/1.1 200")) {
      socket.close();
      throw new IOException(status);
    }
    return socket;
  }

  private static Socket awaitSlowDownload(JettyProcess node) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .ignoreException(IOException.class)
        .until(() -> slowDownload(node), socket -> true);
  }

  private static void vanish(Socket socket) throws IOException {
    if (!socket.isClosed()) {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }
}
