package io.swarmgate.test.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.Ports;
import io.swarmgate.test.harness.EmbeddedNode.Behind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A publisher and two edges of this process. They are started once for all tests that take them as
 * a parameter, each of which publishes files of its own: no edge holds anything of those.
 */
public final class Nodes implements AutoCloseable {
  /** Long ago, so that the date is a strong validator. */
  private static final FileTime MODIFIED = FileTime.from(Instant.parse("2024-02-29T12:34:56Z"));

  private static final String DIRECTORY = "/files/";

  private final Path base;
  private final Map<At, EmbeddedNode> nodes = new HashMap<>();

  /** Of files that have been published. */
  private final Set<String> names = new HashSet<>();

  /** Where a client downloads. */
  public enum At {
    PUBLISHER,
    EDGE_WITH_FILTER,
    EDGE_WITH_HANDLER
  }

  /** Gives tests the nodes, which end with the whole run. */
  public static final class Shared implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Nodes.class;
    }

    @Override
    public Nodes resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.create(Nodes.class))
          .getOrComputeIfAbsent(Nodes.class, key -> start(), Nodes.class);
    }
  }

  private Nodes(Path base) {
    this.base = base;
  }

  private static Nodes start() {
    try {
      Nodes started = new Nodes(Files.createTempDirectory("swarmgate-test"));
      try {
        started.startAll();
        return started;
      } catch (Exception e) {
        started.close();
        throw e;
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void startAll() throws Exception {
    Files.createDirectories(base.resolve("content" + DIRECTORY));
    String peerPort = Integer.toString(Ports.free());
    start(
        At.PUBLISHER,
        Behind.FILTER,
        Map.of("content", base.resolve("content").toString(), "peerPort", peerPort));
    Map<String, String> ofEdge =
        Map.of("origin", uri(At.PUBLISHER, "").toString(), "peers", "127.0.0.1:" + peerPort);
    start(At.EDGE_WITH_FILTER, Behind.FILTER, ofEdge);
    start(At.EDGE_WITH_HANDLER, Behind.HANDLER, ofEdge);
  }

  private void start(At at, Behind behind, Map<String, String> more) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("patterns", DIRECTORY + "*");
    settings.put("minSize", "0");
    settings.put("store", base.resolve("store-" + at).toString());
    settings.put("peerPort", "0");
    settings.put("adminListen", "off");
    settings.putAll(more);
    nodes.put(at, EmbeddedNode.start(behind, settings));
  }

  private URI uri(At at, String path) {
    return node(at).uri(path);
  }

  private EmbeddedNode node(At at) {
    return Objects.requireNonNull(nodes.get(at));
  }

  /**
   * Publishes files of random bytes, to be downloaded from one node.
   *
   * @param name its last part; the file's own begins with {@code at}
   */
  public Published publish(At at, String name, int length) throws IOException {
    return publish(
        at,
        name,
        each -> {
          byte[] content = new byte[length];
          new Random(31L * name.hashCode() + each.ordinal()).nextBytes(content);
          return content;
        });
  }

  /** Publishes a file, and waits until it is hashed. */
  public Published publish(At at, String name, byte[] content) throws IOException {
    return publish(at, name, each -> content);
  }

  /**
   * Publishes a file for each node, since the wait until a new file isn't taken for one that grows
   * is as long for all as for one.
   */
  private Published publish(At at, String name, Function<At, byte[]> content) throws IOException {
    if (!names.contains(name)) {
      for (At each : At.values()) {
        write(path(each, name), content.apply(each));
      }
      for (At each : At.values()) {
        awaitHashed(path(each, name));
      }
      names.add(name);
    }
    return new Published(this, at, path(at, name), content.apply(at));
  }

  private static String path(At at, String name) {
    return DIRECTORY + at + "/" + name;
  }

  private void write(String path, byte[] content) throws IOException {
    Path file = base.resolve("content" + path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    // By rename, as files are to be replaced.
    Path made = Files.write(base.resolve("new"), content);
    Files.setLastModifiedTime(made, MODIFIED);
    Files.move(made, file);
  }

  private void awaitHashed(String path) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () ->
                assertThat(
                        Http.get(uri(At.PUBLISHER, path), "Range", "bytes=0-0")
                            .headers()
                            .firstValue("ETag"))
                    .isPresent());
  }

  /** A file to be downloaded from one node. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Published(Nodes nodes, At at, String path, byte[] content) {
    /** Where it is. */
    public URI uri() {
      return nodes.uri(at, path);
    }

    /** The file's name alone. */
    public String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }

    /**
     * Waits until a request is in the log, which is a moment after its client has all of it.
     *
     * @return the last such
     */
    public Access awaitRequest(int status, String range) {
      return await()
          .until(
              () ->
                  requests().stream()
                      .filter(access -> access.status() == status)
                      .filter(access -> access.range().equals(Optional.of(range)))
                      .reduce((first, second) -> second),
              Optional::isPresent)
          .orElseThrow();
    }

    /** Waits until such a request is in the log. */
    public void awaitRequest(Predicate<Access> such) {
      await().untilAsserted(() -> assertThat(requests()).anyMatch(such));
    }

    /**
     * What the node has answered of requests for it by programs other than these tests. Fails if an
     * edge relayed any: then it wasn't the edge that they got on with.
     */
    public List<Access> requests() {
      List<Access> all =
          nodes.node(at).log().stream()
              .filter(access -> access.path().equals(path))
              .filter(access -> !access.userAgent().startsWith("Java"))
              .toList();
      assertThat(all).noneMatch(access -> access.cacheStatus().orElse("").contains("relayed"));
      return all;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      for (EmbeddedNode node : nodes.values()) {
        node.close();
      }
    } finally {
      Trees.delete(base);
    }
  }
}
