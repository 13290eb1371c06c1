package io.swarmgate.filter.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A publisher of some files, and an edge that has nothing of them yet, both behind HTTP. */
public final class NodePair implements AutoCloseable {
  /** When the files were last changed. */
  public static final Instant MODIFIED = Instant.parse("1994-11-06T08:49:37Z");

  private final WebServer publisher;
  private final WebServer edge;

  /** Starts a server with a node of these settings in it. */
  @FunctionalInterface
  public interface Starter {
    WebServer start(Map<String, String> settings, Path base) throws Exception;
  }

  /**
   * Starts both, and waits until everything is hashed.
   *
   * @param base an empty directory
   * @param files content by name
   */
  public NodePair(Starter starter, Path base, Map<String, byte[]> files) throws Exception {
    Path content = Files.createDirectories(base.resolve("content/s"));
    for (Map.Entry<String, byte[]> each : files.entrySet()) {
      Path file = Files.write(content.resolve(each.getKey()), each.getValue());
      Files.setLastModifiedTime(file, FileTime.from(MODIFIED));
    }
    int peerPort = Ports.free();
    publisher =
        starter.start(
            settings("publisher", Map.of("content", "content", "peerPort", "" + peerPort)), base);
    edge =
        starter.start(
            settings(
                "edge",
                Map.of(
                    "origin", "http://127.0.0.1:" + publisher.port(),
                    "peers", "127.0.0.1:" + peerPort,
                    "peerPort", "0")),
            base);
    for (String name : files.keySet()) {
      await()
          .pollInterval(Duration.ofMillis(20))
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(
                          RawClient.exchange(publisher.port(), "HEAD", "/s/" + name, List.of())
                              .value("ETag"))
                      .isNotNull());
    }
  }

  /** A small store, so that an extent has few pieces. */
  private static Map<String, String> settings(String name, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("patterns", "/s/*");
    all.put("minSize", "0");
    all.put("store", "store-" + name);
    all.put("storeMax", "16MiB");
    all.put("encryption", "off");
    all.put("adminListen", "off");
    return all;
  }

  public int publisher() {
    return publisher.port();
  }

  public int edge() {
    return edge.port();
  }

  /** A GET with a Range, on a connection of its own. */
  public static RawResponse range(int port, String name, String range) throws IOException {
    return RawClient.exchange(port, "GET", "/s/" + name, List.of(new Field("Range", range)));
  }

  @Override
  public void close() {
    edge.close();
    publisher.close();
  }
}
