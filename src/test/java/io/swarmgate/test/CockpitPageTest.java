package io.swarmgate.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.Ports;
import io.swarmgate.test.harness.Access;
import io.swarmgate.test.harness.EmbeddedNode;
import io.swarmgate.test.harness.EmbeddedNode.Behind;
import io.swarmgate.test.harness.Http;
import io.swarmgate.test.harness.Install;
import io.swarmgate.test.harness.Program;
import io.swarmgate.test.harness.Status;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a publisher's and an edge's admin listeners say of what real clients did, by page, metrics
 * and doctor.
 */
@Tag("interop")
class CockpitPageTest {
  private static final int LENGTH = (6 << 20) + 12_345;

  /** Too small for the edge's swarm: the origin sends it. */
  private static final int SMALL = 700_000;

  @TempDir private Path directory;

  private final Map<String, URI> admin = new HashMap<>();
  private final Map<String, EmbeddedNode> nodes = new HashMap<>();

  /** Starts both; the publisher sends peers no more a second than it is told to. */
  private void start(String uploadLimit) throws Exception {
    Path files = Files.createDirectories(directory.resolve("content/files"));
    Random random = new Random(7);
    for (Map.Entry<String, Integer> file : Map.of("big.iso", LENGTH, "s.bin", SMALL).entrySet()) {
      byte[] content = new byte[file.getValue()];
      random.nextBytes(content);
      Files.write(files.resolve(file.getKey()), content);
    }
    int peerPort = Ports.free();
    start(
        "publisher",
        Map.of(
            "content",
            directory.resolve("content").toString(),
            "peerPort",
            Integer.toString(peerPort),
            "minSize",
            "100KiB",
            "uploadLimit",
            uploadLimit));
    Http.get(node("publisher").uri("/files/big.iso"), "Range", "bytes=0-0");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Status.of(at("publisher", "/status")).allHashed());
    start(
        "edge",
        Map.of(
            "origin",
            node("publisher").uri("").toString(),
            "peers",
            "127.0.0.1:" + peerPort,
            "peerPort",
            Integer.toString(Ports.free()),
            "maxStall",
            "5s"));
  }

  private void start(String name, Map<String, String> more) throws Exception {
    Map<String, String> settings = new HashMap<>(more);
    int port = Ports.free();
    admin.put(name, URI.create("http://127.0.0.1:" + port + "/"));
    settings.put("adminListen", "127.0.0.1:" + port);
    settings.put("patterns", "/files/*");
    settings.put("store", directory.resolve(name).toString());
    nodes.put(name, EmbeddedNode.start(Behind.HANDLER, settings));
  }

  @AfterEach
  void stop() throws IOException {
    for (EmbeddedNode node : nodes.values()) {
      node.close();
    }
  }

  private EmbeddedNode node(String name) {
    return Objects.requireNonNull(nodes.get(name));
  }

  private URI at(String node, String path) {
    return Objects.requireNonNull(admin.get(node)).resolve(path);
  }

  @Test
  @Tag("browser")
  void thePageShowsADownloadArriveWhatItSavedAndActs() throws Exception {
    start("1600KB");
    // What the origin sends counts too.
    Http.get(node("edge").uri("/files/s.bin"));
    List<String> command = new ArrayList<>(List.of("node"));
    command.add(Install.root().resolve("src/test/browser/cockpit.mjs").toString());
    command.add(at("edge", "").toString());
    command.add(node("edge").uri("/files/big.iso").toString());
    // For whoever wants to look at the page.
    String screenshots = System.getProperty("swarmgate.test.screenshots");
    if (screenshots != null) {
      command.add(screenshots);
    }
    String said = Program.run(directory, command);

    assertThat(value(said, "shares=([0-9.,]+)").split(",", -1)).hasSizeGreaterThanOrEqualTo(2);
    Map<String, Double> metrics = metrics("edge");
    double delivered = sum(metrics, "swarmgate_delivered_bytes_total");
    double fetched = sum(metrics, "swarmgate_origin_received_bytes_total");
    assertThat(Double.parseDouble(value(said, "ratio=([0-9.]+)")))
        .isCloseTo(100 * (1 - fetched / delivered), Offset.offset(1.0));
  }

  /** With a parser that isn't ours, and byte for byte. */
  @Test
  void metricsAgreeWithWhatCurlGotAndWithTheAccessLog() throws Exception {
    start("");
    long transferred = curl("/files/big.iso");
    transferred += curl("/files/big.iso", "-r", "1000-900999");
    transferred += curl("/files/s.bin");
    assertThat(transferred).isEqualTo(LENGTH + 900_000 + SMALL);
    long got = transferred;

    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              assertThat(sum(metrics("edge"), "swarmgate_delivered_bytes_total")).isEqualTo(got);
              assertThat(node("edge").log().stream().mapToLong(Access::length).sum())
                  .isEqualTo(got);
            });
    Map<String, Double> metrics = metrics("edge");
    assertThat(metrics)
        .containsEntry("swarmgate_delivered_bytes_total{site=default,source=peers}", 1.0 * LENGTH)
        .containsEntry("swarmgate_delivered_bytes_total{site=default,source=store}", 900_000.0)
        .containsEntry("swarmgate_delivered_bytes_total{site=default,source=origin}", 1.0 * SMALL);
    assertThat(sum(metrics, "swarmgate_first_byte_seconds_count")).isGreaterThanOrEqualTo(2);
    assertThat(sum(metrics, "swarmgate_peers_received_bytes_total")).isEqualTo(LENGTH);
  }

  @Test
  void doctorRunsByItselfAndFindsAPublisherFitForDelivery() throws Exception {
    start("");
    Install.unzip(Install.zip(), directory.resolve("base"));
    Path jar =
        directory.resolve("base/lib/swarmgate/" + Install.version() + "/swarmgate-filter.jar");
    String said =
        Program.run(
            directory,
            Install.java().toString(),
            "-jar",
            jar.toString(),
            "doctor",
            node("publisher").uri("/files/big.iso").toString());
    for (String check : List.of("ranges", "If-Range", "validator", "stability", "metainfo")) {
      assertThat(said).containsPattern("(?m)^ +GOOD +" + check + " ");
    }
    assertThat(said).doesNotContain("BAD");
  }

  private long curl(String path, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-o", "got"));
    command.addAll(List.of(options));
    command.addAll(List.of("-w", "%{size_download}", node("edge").uri(path).toString()));
    return Long.parseLong(Program.run(directory, command).strip());
  }

  /** Each sample's value by {@code name{label=value,...}}. */
  private Map<String, Double> metrics(String node) throws Exception {
    Files.write(directory.resolve("metrics"), Http.get(at(node, "/metrics")).body());
    String script =
        """
        from prometheus_client.parser import text_string_to_metric_families as families
        for family in families(open('metrics', encoding='utf-8').read()):
            for s in family.samples:
                labels = ','.join(k + '=' + v for k, v in sorted(s.labels.items()))
                print(s.name + ('{' + labels + '}' if labels else '') + '\\t' + repr(s.value))
        """;
    Map<String, Double> samples = new HashMap<>();
    for (String line : Program.run(directory, "/usr/bin/python3", "-c", script).split("\n", -1)) {
      int tab = line.indexOf('\t');
      if (tab > 0) {
        samples.put(line.substring(0, tab), number(line.substring(tab + 1)));
      }
    }
    assertThat(samples).isNotEmpty();
    return samples;
  }

  private static double number(String text) {
    return switch (text) {
      case "nan" -> Double.NaN;
      case "inf" -> Double.POSITIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private static double sum(Map<String, Double> samples, String name) {
    return samples.entrySet().stream()
        .filter(sample -> sample.getKey().split("\\{", 2)[0].equals(name))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static String value(String said, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(said);
    assertThat(matcher.find()).as(said).isTrue();
    return matcher.group(1);
  }
}
