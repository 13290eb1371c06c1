package io.swarmgate.test.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.Ports;
import io.swarmgate.test.harness.EmbeddedNode.Behind;
import io.swarmgate.test.harness.Http;
import io.swarmgate.test.harness.NodeProcess;
import io.swarmgate.test.harness.TcpRelay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten times as many clients as a server has threads, each reading 64 KiB a second. What a server
 * sends is never more than a little ahead of them, so that each response waits for its client many
 * times. Both ways into a server stand the test at the same time.
 */
@TestInstance(Lifecycle.PER_CLASS)
class ManyClientsTest {
  private static final int CLIENTS = 2000;

  /** Bytes; longer than anything gets to in the test. */
  private static final int LENGTH = 32 << 20;

  /** Bytes that the system takes of a response, for which it allows as much again of its own. */
  private static final int SEND_BUFFER = 64 << 10;

  /** Bytes of a server's own memory, whatever it has mapped. */
  private static final long MEMORY = 250_000_000;

  /** The same for an edge, whose readers and requests to its origin all begin at once. */
  private static final long EDGE_MEMORY = 330_000_000;

  /** For what takes some seconds on an idle machine. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final String FILE = "/files/big.bin";

  @TempDir private static Path directory;

  private final byte[] content = new byte[LENGTH];
  private final Map<Behind, NodeProcess> publishers = new HashMap<>();
  private int peerPort;

  @BeforeAll
  void startPublishers() throws Exception {
    new Random(LENGTH).nextBytes(content);
    Path files = Files.createDirectories(directory.resolve("content/files"));
    Files.write(files.resolve("big.bin"), content);
    for (Behind behind : Behind.values()) {
      peerPort = Ports.free();
      publishers.put(
          behind,
          start(
              behind,
              "publisher",
              Map.of(
                  "content", directory.resolve("content").toString(), "peerPort", "" + peerPort)));
    }
    for (NodeProcess publisher : publishers.values()) {
      // A file is hashed when it has been asked for.
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(
                          Http.get(publisher.uri(FILE), "Range", "bytes=0-0")
                              .headers()
                              .firstValue("ETag"))
                      .isPresent());
    }
  }

  @AfterAll
  void stopPublishers() throws Exception {
    for (NodeProcess publisher : publishers.values()) {
      publisher.close();
    }
  }

  private NodeProcess start(Behind behind, String name, Map<String, String> more)
      throws IOException {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("patterns", "/files/*");
    settings.put("store", directory.resolve(name + "-" + behind).toString());
    List<String> options = List.of("-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    return NodeProcess.start(behind, directory, options, SEND_BUFFER, settings);
  }

  @Test
  void allProgressOnAPublisher() throws Exception {
    try (PacedDownloads downloads = new PacedDownloads(content)) {
      for (NodeProcess publisher : publishers.values()) {
        downloads.start(publisher.port(), FILE, CLIENTS);
      }
      for (int second = 1; second <= 6; second++) {
        downloads.receive(second * (64L << 10), LIMIT);
        checkMemory(publishers, MEMORY);
      }
    }
  }

  @Test
  void thoseWhoWaitForPiecesHoldNoThreadAndAllProgressOnceTheseCome() throws Exception {
    Map<Behind, NodeProcess> edges = new HashMap<>();
    try (TcpRelay peer = TcpRelay.shutTo(peerPort);
        PacedDownloads downloads = new PacedDownloads(content)) {
      for (Behind behind : Behind.values()) {
        // Nothing but the peer is to bring pieces.
        Map<String, String> settings =
            Map.of(
                "origin",
                publisher().uri("").toString(),
                "peers",
                "127.0.0.1:" + peer.port(),
                "peerPort",
                "0",
                "maxStall",
                "1h");
        edges.put(behind, start(behind, "edge", settings));
      }
      for (NodeProcess edge : edges.values()) {
        downloads.start(edge.port(), FILE, CLIENTS);
      }
      for (NodeProcess edge : edges.values()) {
        await()
            .atMost(LIMIT)
            .untilAsserted(() -> assertThat(edge.status().readers()).isEqualTo(CLIENTS));
        // Threads are free for whoever needs no piece.
        assertThat(Http.get(edge.uri(FILE), "If-None-Match", "*").statusCode()).isEqualTo(304);
      }
      assertThat(downloads.anythingReceived()).isFalse();
      checkMemory(edges, EDGE_MEMORY);

      peer.open();

      for (int second = 1; second <= 4; second++) {
        downloads.receive(second * (64L << 10), LIMIT);
        checkMemory(edges, EDGE_MEMORY);
      }
    } finally {
      for (NodeProcess edge : edges.values()) {
        edge.close();
      }
    }
  }

  /** The one whose peer port is known. */
  private NodeProcess publisher() {
    return Objects.requireNonNull(publishers.get(Behind.HANDLER));
  }

  private static void checkMemory(Map<Behind, NodeProcess> nodes, long most) throws IOException {
    for (Map.Entry<Behind, NodeProcess> node : nodes.entrySet()) {
      long memory = node.getValue().memory();
      assertThat(memory).as("%s", node.getKey()).isLessThan(most);
    }
  }
}
