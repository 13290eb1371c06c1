package io.swarmgate.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.StallBound;
import io.swarmgate.test.harness.Namespaces;
import io.swarmgate.test.harness.NodeProcess;
import io.swarmgate.test.harness.Program;
import io.swarmgate.test.harness.Status;
import io.swarmgate.test.harness.WatchedDownload;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * A publisher and edges, each in a network namespace behind a line of 100 Mbit/s: what becomes of a
 * client's wait, and of the origin's bill, when lines are slow or fall silent.
 */
@Tag("interop")
@TestInstance(Lifecycle.PER_CLASS)
class LinesTest {
  private static final int MBIT = 100;
  private static final int PIECE = 256 << 10;
  private static final int LENGTH = 128 * PIECE + 345;

  private static final int PEER_PORT = 6891;
  private static final int PUBLISHER = 0;

  /** Edges that know each other and the publisher as peers. */
  private static final List<Integer> EDGES = List.of(1, 2, 3);

  /** An edge whose only peer is the first of those. */
  private static final int LONELY = 4;

  private static final Duration MAX_STALL = Duration.ofMillis(500);

  /**
   * How long a line takes for what may stand before an awaited piece where nobody falls silent: 16
   * pieces that each of the edges has asked the publisher for ahead of its reader.
   */
  private static final Duration WINDOWS =
      Duration.ofMillis(8L * EDGES.size() * 16 * PIECE / (MBIT * 1000));

  /** What an edge may ask its origin for because peers are slow: two pieces and 2 %. */
  private static final long BUDGET = 2 * PIECE + LENGTH / 50;

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final List<NodeProcess> nodes = new ArrayList<>();
  private final ExecutorService starters = Executors.newCachedThreadPool();
  private Path base;
  private Namespaces namespaces;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    base = directory;
    namespaces = Namespaces.open(LONELY + 1, MBIT);
    Files.createDirectories(base.resolve("content/files"));
    NodeProcess publisher = start(PUBLISHER, Map.of("content", base.resolve("content").toString()));
    nodes.add(publisher);
    String origin = "http://" + namespaces.address(PUBLISHER) + ":" + publisher.port();
    List<Future<NodeProcess>> started = new ArrayList<>();
    for (int edge : EDGES) {
      started.add(starters.submit(() -> edge(edge, origin, List.of(0, 1, 2, 3))));
    }
    started.add(starters.submit(() -> edge(LONELY, origin, List.of(EDGES.get(0)))));
    for (Future<NodeProcess> node : started) {
      nodes.add(node.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
    }
  }

  @AfterAll
  void end() throws Exception {
    starters.shutdownNow();
    try {
      for (NodeProcess node : nodes) {
        node.close();
      }
    } finally {
      if (namespaces != null) {
        namespaces.close();
      }
    }
  }

  private NodeProcess edge(int index, String origin, List<Integer> peers) throws IOException {
    List<String> addresses =
        peers.stream()
            .filter(peer -> peer != index)
            .map(peer -> namespaces.address(peer) + ":" + PEER_PORT)
            .toList();
    return start(index, Map.of("origin", origin, "peers", String.join(",", addresses)));
  }

  private NodeProcess start(int index, Map<String, String> own) throws IOException {
    Map<String, String> settings = new HashMap<>(own);
    settings.put("patterns", "/files/*");
    settings.put("store", base.resolve("store-" + index).toString());
    settings.put("peerHost", namespaces.address(index));
    settings.put("peerPort", Integer.toString(PEER_PORT));
    settings.put("allow", Namespaces.NETWORK);
    settings.put("maxStall", MAX_STALL.toMillis() + "ms");
    return NodeProcess.startWithin(namespaces, index, base, NodeProcess.SHORT_LIVED, settings);
  }

  @Test
  void aSwarmThatIsMerelySlowProvokesNoStampede() throws Exception {
    Path file = publish("slow.bin");
    long before = fromOrigins(EDGES);
    List<WatchedDownload> downloads = new ArrayList<>();
    try (StallBound bound = StallBound.watch(MAX_STALL.plus(WINDOWS))) {
      bound.originTook(pieceFromOrigin(EDGES.get(0), file));
      for (int edge : EDGES) {
        downloads.add(download(edge, file));
      }
      for (WatchedDownload download : downloads) {
        download.awaitQuarter();
        bound.check(download.awaitEnd());
      }
    } finally {
      downloads.forEach(WatchedDownload::close);
    }
    assertThat(fromOrigins(EDGES) - before).isLessThanOrEqualTo(EDGES.size() * BUDGET);
  }

  @Test
  void aPeerThatFallsSilentCostsOneStallAndWhatItHadNotBrought() throws Exception {
    int peer = EDGES.get(0);
    Path file = publish("silent.bin");
    try (WatchedDownload warm = download(peer, file)) {
      warm.awaitQuarter();
      warm.awaitEnd();
    }
    try (WatchedDownload download = download(LONELY, file);
        StallBound bound = StallBound.watch(MAX_STALL)) {
      bound.originTook(pieceFromOrigin(LONELY, file));
      download.awaitQuarter();
      namespaces.cut(peer);
      long missing = LENGTH - status(LONELY).downloaded();
      assertThat(missing).isGreaterThan(4 * PIECE);

      bound.check(download.awaitEnd());

      assertThat(status(LONELY).fromOrigins()).isLessThanOrEqualTo(missing + 2 * PIECE);
    } finally {
      namespaces.mend(peer);
    }
  }

  private Path publish(String name) throws Exception {
    byte[] content = new byte[LENGTH];
    new Random(name.hashCode()).nextBytes(content);
    Path made = Files.write(base.resolve(name), content);
    Path file = base.resolve("content/files").resolve(name);
    Files.move(made, file);
    URI uri = nodes.get(PUBLISHER).uri("/files/" + name);
    await()
        .atMost(LIMIT)
        .until(() -> curl(PUBLISHER, "--head", uri.toString()).contains("Repr-Digest"));
    return file;
  }

  private WatchedDownload download(int index, Path file) throws IOException {
    URI uri = nodes.get(index).uri("/files/" + file.getFileName());
    return WatchedDownload.start(namespaces.within(index), uri, file);
  }

  /** How long a piece takes from the origin, a round trip and its time on the lines in it. */
  private Duration pieceFromOrigin(int index, Path file) throws Exception {
    String uri =
        "http://%s:%d/files/%s"
            .formatted(
                namespaces.address(PUBLISHER), nodes.get(PUBLISHER).port(), file.getFileName());
    String range = "0-" + (PIECE - 1);
    String seconds =
        curl(index, "--range", range, "--output", "/dev/null", "--write-out", "%{time_total}", uri);
    return Duration.ofNanos((long) (1e9 * Double.parseDouble(seconds)));
  }

  private long fromOrigins(List<Integer> all) throws Exception {
    long sum = 0;
    for (int index : all) {
      sum += status(index).fromOrigins();
    }
    return sum;
  }

  private Status status(int index) throws Exception {
    return new Status(curl(index, nodes.get(index).statusUri().toString()));
  }

  private String curl(int index, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(namespaces.within(index));
    command.addAll(List.of("curl", "--silent", "--fail", "--max-time", "20"));
    command.addAll(List.of(arguments));
    return Program.run(base, command);
  }
}
