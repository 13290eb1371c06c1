package io.swarmgate.test.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A publisher of one file and edges, all of which know each other as peers. */
public final class Cluster {
  /** Bytes of the file: some pieces, the last of them short. */
  public static final int LENGTH = (5 << 20) + 12_345;

  public static final String PATH = "/files/big.bin";

  private final Servers servers;
  private final byte[] content;
  private final List<JettyBase> bases = new ArrayList<>();
  private final List<JettyProcess> nodes = new ArrayList<>();

  private Cluster(Servers servers) throws IOException {
    this.servers = servers;
    this.content = servers.file("content" + PATH, LENGTH);
  }

  /** Starts all of it and waits until the file is hashed. */
  public static Cluster start(Servers servers, int edges, String... moreModules)
      throws IOException, InterruptedException {
    Cluster cluster = new Cluster(servers);
    cluster.install(edges, moreModules);
    JettyProcess publisher = servers.start(cluster.bases.get(0));
    cluster.nodes.add(publisher);
    // A file is hashed when it has been asked for, if not before.
    Http.get(publisher.uri(PATH), "Range", "bytes=0-0");
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(publisher.status().allHashed()).isTrue());
    for (JettyBase base : cluster.bases.subList(1, edges + 1)) {
      base.set("origin", publisher.uri("").toString());
      cluster.nodes.add(servers.launch(base));
    }
    cluster.nodes.forEach(JettyProcess::awaitStarted);
    return cluster;
  }

  private void install(int edges, String... moreModules) throws IOException, InterruptedException {
    List<String> peers = new ArrayList<>();
    for (int i = 0; i <= edges; i++) {
      JettyBase base = servers.base("node-" + i, moreModules);
      int port = Ports.free();
      base.set("patterns", "/files/*").set("peerPort", Integer.toString(port));
      peers.add("127.0.0.1:" + port);
      bases.add(base);
    }
    for (JettyBase base : bases) {
      // Longer than a loaded machine takes to start and connect: the origin is to bring nothing.
      base.set("peers", String.join(",", peers)).set("maxStall", "15s");
    }
    bases.get(0).set("content", servers.directory().resolve("content").toString());
  }

  public byte[] content() {
    return content;
  }

  public JettyProcess publisher() {
    return nodes.get(0);
  }

  /** Counted from 1. */
  public JettyProcess edge(int number) {
    return nodes.get(number);
  }

  /** Where a node has the file. */
  public URI file(JettyProcess node) {
    return node.uri(PATH);
  }

  /** Downloads the whole file from a node and compares it byte for byte. */
  public void download(JettyProcess node) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = Http.get(file(node));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(content);
  }

  /** Stops a node and starts it again with all it has on disk. */
  public JettyProcess restart(int number) throws IOException {
    nodes.get(number).close();
    Files.deleteIfExists(bases.get(number).log());
    JettyProcess again = servers.start(bases.get(number));
    nodes.set(number, again);
    return again;
  }
}
