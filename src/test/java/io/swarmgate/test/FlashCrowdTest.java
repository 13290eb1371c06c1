package io.swarmgate.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.Ports;
import io.swarmgate.test.harness.EmbeddedNode.Behind;
import io.swarmgate.test.harness.Http;
import io.swarmgate.test.harness.Nginx;
import io.swarmgate.test.harness.NodeProcess;
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
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A plain nginx and its shield, or a publisher, and six edges behind that, each a process, and
 * sixty clients that come within two seconds for a file that no edge has yet. The file has 8 MiB,
 * or as many as {@code -Dswarmgate.test.crowdMiB} says; then it also tells what it measured.
 */
@Tag("interop")
class FlashCrowdTest {
  private static final int EDGES = 6;
  private static final int CLIENTS = 60;
  private static final int WITHIN_MILLIS = 2_000;
  private static final int LENGTH = (Integer.getInteger("swarmgate.test.crowdMiB", 8) << 20) + 345;
  private static final boolean SMALL = LENGTH < 64 << 20;
  private static final String PATH = "/files/big.bin";

  /** Of the same bytes, but by their names other torrents, for as many crowds. */
  private static final List<String> PATHS =
      SMALL ? List.of(PATH, "/files/big-2.bin", "/files/big-3.bin") : List.of(PATH);

  /**
   * What a publisher may send, in percent of the file. Each of the build's few pieces is 3 % of it,
   * and each that a loaded machine makes late is sent once more.
   */
  private static final long MOST = LENGTH * (SMALL ? 130L : 115L) / 100;

  private static final int WARM_LENGTH = 8 << 20;

  /** Of the same bytes, but by their names other torrents. */
  private static final List<String> WARM = List.of("/files/1.bin", "/files/2.bin", "/files/3.bin");

  /** For what takes some seconds on an idle machine. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir private Path directory;

  private final Random random = new Random(LENGTH);
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

  @BeforeEach
  void makeFile() throws IOException {
    random.nextBytes(content);
    Files.createDirectories(directory.resolve("www/files"));
    for (String path : PATHS) {
      Files.write(directory.resolve("www" + path), content);
    }
    for (String path : WARM) {
      Files.write(directory.resolve("www" + path), Arrays.copyOf(content, WARM_LENGTH));
    }
  }

  @Test
  void costsTheOriginOneCopyAndIsServedOnWhenOriginAndShieldHaveGone() throws Exception {
    Path own = Files.createDirectory(directory.resolve("nginx"));
    // So slow that most come while the shield is still fetching.
    try (Nginx origin = Nginx.start(own, directory.resolve("www"), (LENGTH >> 11) + "k")) {
      NodeProcess shield = startNodes(Map.of("origin", origin.uri("").toString()));
      List<NodeProcess> edges = nodes.subList(1, nodes.size());
      Duration took = downloadAtRandom(edges, PATH);
      // It is logged once it has been sent.
      await().atMost(LIMIT).until(() -> origin.sent() >= LENGTH);
      tell("origin", origin.sent(), took);
      assertThat(origin.sent()).isLessThanOrEqualTo(LENGTH * 105L / 100);

      // From here on the file comes to the edges by the swarm.
      for (NodeProcess edge : edges) {
        await().atMost(LIMIT).until(() -> isHashed(edge, PATH));
      }
      downloadFromEach(edges, PATH, LENGTH);
      assertThat(origin.sent()).isLessThanOrEqualTo(LENGTH * 105L / 100);
      shield.close();
    }
    downloadFromEach(nodes.subList(1, nodes.size()), PATH, LENGTH);
  }

  @Test
  void costsAPublisherLittleMoreThanOneCopy() throws Exception {
    // So slow that most come while the edges are still fetching.
    NodeProcess publisher =
        startNodes(
            Map.of(
                "content",
                directory.resolve("www").toString(),
                "uploadLimit",
                (LENGTH >> 11) + "KiB"));
    List<NodeProcess> edges = nodes.subList(1, nodes.size());
    // A node that has just started spends its time on loading classes, and misses deadlines.
    for (String path : WARM) {
      await().atMost(LIMIT).until(() -> isHashed(publisher, path));
      downloadFromEach(edges, path, WARM_LENGTH);
    }
    // A pause of the machine's makes peers look silent, and pieces late, of one file or another.
    List<Sent> crowds = new ArrayList<>();
    for (String path : PATHS) {
      crowds.add(sentToCrowd(publisher, edges, path));
      if (crowds.get(crowds.size() - 1).all() <= MOST) {
        break;
      }
    }
    assertThat(crowds).allMatch(sent -> sent.all() >= LENGTH).anyMatch(sent -> sent.all() <= MOST);
  }

  /** Bytes that a publisher has sent. */
  private record Sent(long toPeers, long byHttp) {
    long all() {
      return toPeers + byHttp;
    }
  }

  private Sent sentToCrowd(NodeProcess publisher, List<NodeProcess> edges, String path)
      throws Exception {
    await().atMost(LIMIT).until(() -> isHashed(publisher, path));
    long toPeersBefore = publisher.status().uploaded();
    long byHttpBefore = fromOrigins(edges);

    Duration took = downloadAtRandom(edges, path);

    Sent sent =
        new Sent(publisher.status().uploaded() - toPeersBefore, fromOrigins(edges) - byHttpBefore);
    tell("publisher", sent.all(), took);
    return sent;
  }

  private static long fromOrigins(List<NodeProcess> edges) throws Exception {
    long sum = 0;
    for (NodeProcess edge : edges) {
      sum += edge.status().fromOrigins();
    }
    return sum;
  }

  private static void tell(String who, long sent, Duration took) {
    if (Integer.getInteger("swarmgate.test.crowdMiB") != null) {
      double copies = (double) sent / LENGTH;
      System.out.printf(
          Locale.ROOT, "%s: %.3f copies, all served in %d ms%n", who, copies, took.toMillis());
    }
  }

  /** Returns how long it took until all had all of it. */
  private Duration downloadAtRandom(List<NodeProcess> edges, String path) throws Exception {
    long begin = System.nanoTime();
    List<Future<?>> downloads = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      URI file = edges.get(i % EDGES).uri(path);
      int after = random.nextInt(WITHIN_MILLIS);
      downloads.add(clients.schedule(() -> download(file, LENGTH), after, TimeUnit.MILLISECONDS));
    }
    for (Future<?> download : downloads) {
      download.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private void downloadFromEach(List<NodeProcess> edges, String path, int length) throws Exception {
    List<Future<?>> downloads = new ArrayList<>();
    for (NodeProcess edge : edges) {
      downloads.add(clients.submit(() -> download(edge.uri(path), length)));
    }
    for (Future<?> download : downloads) {
      download.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /**
   * Starts a node and edges behind it, all of which are peers, and returns that node.
   *
   * @param first what makes it a shield or a publisher
   */
  private NodeProcess startNodes(Map<String, String> first) throws Exception {
    List<String> peers = new ArrayList<>();
    for (int i = 0; i <= EDGES; i++) {
      peers.add("127.0.0.1:" + Ports.free());
    }
    nodes.add(start(0, first, peers));
    Map<String, String> behind = Map.of("origin", nodes.get(0).uri("").toString());
    List<Future<NodeProcess>> edges = new ArrayList<>();
    for (int i = 1; i <= EDGES; i++) {
      int number = i;
      edges.add(clients.submit(() -> start(number, behind, peers)));
    }
    for (Future<NodeProcess> edge : edges) {
      nodes.add(edge.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
    }
    return nodes.get(0);
  }

  private NodeProcess start(int number, Map<String, String> own, List<String> peers)
      throws IOException {
    String address = peers.get(number);
    Map<String, String> settings = new HashMap<>(own);
    settings.put("patterns", "/files/*");
    settings.put("store", directory.resolve("store-" + number).toString());
    settings.put("peerPort", address.substring(address.indexOf(':') + 1));
    settings.put(
        "peers", String.join(",", peers.stream().filter(peer -> !peer.equals(address)).toList()));
    return NodeProcess.start(Behind.HANDLER, directory, NodeProcess.SHORT_LIVED, -1, settings);
  }

  private static boolean isHashed(NodeProcess node, String path) throws Exception {
    return Http.get(node.uri(path), "Range", "bytes=0-0")
        .headers()
        .firstValue("Repr-Digest")
        .isPresent();
  }

  /** Fails unless every byte comes, and is right. */
  private Void download(URI file, int length) throws Exception {
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
      assertThat(at).isEqualTo(length);
    }
    return null;
  }
}
