package io.swarmgate.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.test.harness.EmbeddedNode.Behind;
import io.swarmgate.test.harness.Http;
import io.swarmgate.test.harness.Nginx;
import io.swarmgate.test.harness.NodeProcess;
import io.swarmgate.test.harness.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A plain nginx, its shield, and six edges behind that, each a process, and sixty clients that come
 * within two seconds for a file that nobody has yet. The file has 8 MiB, or as many as {@code
 * -Dswarmgate.test.crowdMiB} says.
 */
@Tag("interop")
class FlashCrowdTest {
  private static final int EDGES = 6;
  private static final int CLIENTS = 60;
  private static final int WITHIN_MILLIS = 2_000;
  private static final int LENGTH = (Integer.getInteger("swarmgate.test.crowdMiB", 8) << 20) + 345;
  private static final String PATH = "/files/big.bin";

  /** For what takes some seconds on an idle machine. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir private Path directory;

  private final byte[] content = new byte[LENGTH];
  private final ScheduledExecutorService clients = Executors.newScheduledThreadPool(CLIENTS);
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void end() throws Exception {
    clients.shutdownNow();
    for (NodeProcess node : nodes) {
      node.close();
    }
  }

  @Test
  void costsTheOriginOneCopyAndIsServedOnWhenOriginAndShieldHaveGone() throws Exception {
    Random random = new Random(LENGTH);
    random.nextBytes(content);
    Path files = Files.createDirectories(directory.resolve("www/files"));
    Files.write(files.resolve("big.bin"), content);
    Path own = Files.createDirectory(directory.resolve("nginx"));
    // So slow that most come while the shield is still fetching.
    try (Nginx origin = Nginx.start(own, directory.resolve("www"), (LENGTH >> 11) + "k")) {
      NodeProcess shield = startNodes(origin.uri("").toString());
      List<NodeProcess> edges = nodes.subList(1, nodes.size());

      List<Future<?>> downloads = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        URI file = edges.get(i % EDGES).uri(PATH);
        int after = random.nextInt(WITHIN_MILLIS);
        downloads.add(clients.schedule(() -> download(file), after, TimeUnit.MILLISECONDS));
      }
      for (Future<?> download : downloads) {
        download.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
      // It is logged once it has been sent.
      await().atMost(LIMIT).until(() -> origin.sent() >= LENGTH);
      assertThat(origin.sent()).isLessThanOrEqualTo(LENGTH * 105L / 100);

      // From here on the file comes to the edges by the swarm.
      for (NodeProcess edge : edges) {
        await().atMost(LIMIT).until(() -> isHashed(edge));
      }
      downloadFromEach(edges);
      assertThat(origin.sent()).isLessThanOrEqualTo(LENGTH * 105L / 100);
      shield.close();
    }
    downloadFromEach(nodes.subList(1, nodes.size()));
  }

  private void downloadFromEach(List<NodeProcess> edges) throws Exception {
    List<Future<?>> downloads = new ArrayList<>();
    for (NodeProcess edge : edges) {
      downloads.add(clients.submit(() -> download(edge.uri(PATH))));
    }
    for (Future<?> download : downloads) {
      download.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** Starts a shield and edges, all of which are peers, and returns the shield, the first. */
  private NodeProcess startNodes(String origin) throws Exception {
    List<String> peers = new ArrayList<>();
    for (int i = 0; i <= EDGES; i++) {
      peers.add("127.0.0.1:" + Ports.free());
    }
    nodes.add(start(0, origin, peers));
    String shield = nodes.get(0).uri("").toString();
    List<Future<NodeProcess>> edges = new ArrayList<>();
    for (int i = 1; i <= EDGES; i++) {
      int number = i;
      edges.add(clients.submit(() -> start(number, shield, peers)));
    }
    for (Future<NodeProcess> edge : edges) {
      nodes.add(edge.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
    }
    return nodes.get(0);
  }

  private NodeProcess start(int number, String origin, List<String> peers) throws IOException {
    String address = peers.get(number);
    Map<String, String> settings = new HashMap<>();
    settings.put("patterns", "/files/*");
    settings.put("origin", origin);
    settings.put("store", directory.resolve("store-" + number).toString());
    settings.put("peerPort", address.substring(address.indexOf(':') + 1));
    settings.put(
        "peers", String.join(",", peers.stream().filter(peer -> !peer.equals(address)).toList()));
    // Seven at once are soonest warm like that.
    List<String> options =
        List.of(
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    return NodeProcess.start(Behind.HANDLER, directory, options, -1, settings);
  }

  private static boolean isHashed(NodeProcess edge) throws Exception {
    return Http.get(edge.uri(PATH), "Range", "bytes=0-0")
        .headers()
        .firstValue("Repr-Digest")
        .isPresent();
  }

  /** Fails unless every byte comes, and is right. */
  private Void download(URI file) throws Exception {
    HttpResponse<InputStream> response =
        http.send(HttpRequest.newBuilder(file).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    try (InputStream body = response.body()) {
      byte[] buffer = new byte[64 << 10];
      int at = 0;
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        assertThat(Arrays.equals(buffer, 0, read, content, at, at + read)).as("at %d", at).isTrue();
        at += read;
      }
      assertThat(at).isEqualTo(LENGTH);
    }
    return null;
  }
}
