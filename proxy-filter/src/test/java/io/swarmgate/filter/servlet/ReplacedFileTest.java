package io.swarmgate.filter.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.filter.node.Node;
import io.swarmgate.filter.testing.NodePair;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of responses when a publisher's file changes under many of them. */
@TestInstance(Lifecycle.PER_CLASS)
class ReplacedFileTest {
  private static final int READERS = 50;

  /** More than the buffers of two sockets take. */
  private static final int LENGTH = 6 << 20;

  /** Clients keep little, so that responses stay under way. */
  private static final int RECEIVE_BUFFER = 32 << 10;

  private static final int BEGINNING = 64 << 10;

  /** Most of a file that is handed over at a time, and may be on its way when the file changes. */
  private static final int SLICE = 1 << 20;

  /** Versions differ in every byte. */
  private static final List<byte[]> VERSIONS = List.of(version(0), version(1), version(2));

  private final ExecutorService clients = Executors.newFixedThreadPool(10);
  private Path base;
  private @Nullable NodePair nodes;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    base = directory;
    nodes =
        new NodePair(
            (settings, below) -> {
              Node node = Node.start(settings, below);
              return Container.JETTY.start(node, InstantSource.system());
            },
            base,
            Map.of("renamed.bin", content(0), "overwritten.bin", content(0)));
  }

  @AfterAll
  void stop() {
    clients.shutdownNow();
    if (nodes != null) {
      nodes.close();
    }
  }

  @Test
  void responsesUnderWayKeepAFileThatIsReplacedByRenameAndLaterOnesHaveTheNew() throws Exception {
    // An edge that has the old bytes serves them to the end.
    assertThat(get(nodes().edge(), "renamed.bin").body()).isEqualTo(content(0));
    List<RawClient> running = begin("renamed.bin");

    Path aside = Files.write(base.resolve("aside"), content(1));
    Path file = base.resolve("content/s/renamed.bin");
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

    assertThat(get(nodes().publisher(), "renamed.bin").body()).isEqualTo(content(1));
    for (byte[] body : finish(running)) {
      assertThat(body).isEqualTo(content(0));
    }
  }

  @Test
  void noBodyThatMixesAFileAndWhatIsWrittenOverItIsEverWhole() throws Exception {
    List<RawClient> running = begin("overwritten.bin");

    Files.write(base.resolve("content/s/overwritten.bin"), content(2));

    byte[] old = content(0);
    for (byte[] body : finish(running)) {
      assertThat(body).hasSizeLessThanOrEqualTo(LENGTH);
      int right = Arrays.mismatch(body, old);
      // What is written into a file is in the slice that is on its way, too; then it ends.
      if (right >= 0) {
        assertThat(body).hasSizeLessThan(LENGTH).hasSizeLessThanOrEqualTo(right + SLICE);
      }
    }
    assertThat(get(nodes().publisher(), "overwritten.bin").body()).isEqualTo(content(2));
  }

  /** Half of the readers at the publisher, half at the edge. */
  private List<RawClient> begin(String name) throws Exception {
    List<RawClient> running = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      int port = i % 2 == 0 ? nodes().publisher() : nodes().edge();
      RawClient client = RawClient.connect(port, RECEIVE_BUFFER);
      client.send("GET", "/s/" + name, List.of());
      assertThat(client.receiveBeginning(BEGINNING))
          .isEqualTo(Arrays.copyOf(content(0), BEGINNING));
      running.add(client);
    }
    return running;
  }

  private List<byte[]> finish(List<RawClient> running) throws Exception {
    List<Callable<byte[]>> rests = new ArrayList<>();
    for (RawClient client : running) {
      rests.add(() -> rest(client));
    }
    List<byte[]> bodies = new ArrayList<>();
    for (Future<byte[]> body : clients.invokeAll(rests)) {
      bodies.add(body.get());
    }
    return bodies;
  }

  /** The whole body, or as much of it as came. */
  private static byte[] rest(RawClient client) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (client) {
      body.write(content(0), 0, BEGINNING);
      while (body.size() < LENGTH) {
        byte[] more = client.receiveMore(Math.min(BEGINNING, LENGTH - body.size()));
        body.writeBytes(more);
        if (more.length == 0) {
          break;
        }
      }
    } catch (SocketException e) {
      // The response was aborted.
    }
    return body.toByteArray();
  }

  private static RawResponse get(int port, String name) throws IOException {
    return RawClient.exchange(port, "GET", "/s/" + name, List.of());
  }

  private static byte[] content(int version) {
    return VERSIONS.get(version);
  }

  private static byte[] version(int version) {
    byte[] content = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      content[i] = (byte) (i * 31 + (i >> 8) * 7 + (i >> 16) * 3 + version);
    }
    return content;
  }

  private NodePair nodes() {
    if (nodes == null) {
      throw new IllegalStateException("not started");
    }
    return nodes;
  }
}
