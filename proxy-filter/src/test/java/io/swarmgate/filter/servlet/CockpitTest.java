package io.swarmgate.filter.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.Field;
import io.swarmgate.filter.node.Node;
import io.swarmgate.filter.testing.NodePair;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.filter.testing.WebServer;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A real publisher and a real edge, seen and acted on by way of their admin listeners. */
@TestInstance(Lifecycle.PER_CLASS)
class CockpitTest {
  private static final int LENGTH = 6 * (256 << 10) + 100;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, Node> nodes = new HashMap<>();
  private final Map<String, byte[]> files = new HashMap<>();
  private NodePair pair;

  @BeforeAll
  void start(@TempDir Path base) throws Exception {
    for (String name : List.of("counted.bin", "purged.bin", "preheated.bin", "drained.bin")) {
      byte[] content = new byte[LENGTH];
      new Random(name.hashCode()).nextBytes(content);
      files.put(name, content);
    }
    pair = new NodePair(this::start, base, files);
  }

  private WebServer start(Map<String, String> settings, Path base) throws Exception {
    Map<String, String> seen = new HashMap<>(settings);
    seen.put("adminListen", "127.0.0.1:0");
    seen.put("drainTimeout", "20s");
    Node node = Node.start(seen, base);
    nodes.put(settings.containsKey("content") ? "publisher" : "edge", node);
    return Container.JETTY.start(node, InstantSource.system());
  }

  @AfterAll
  void stop() {
    pair.close();
  }

  @Test
  void whatClientsGotAgreesWithTheMetricsToTheByte() throws Exception {
    double before = delivered("edge", "site=\"default\",");
    double publishers = delivered("publisher", "source=\"content\"");
    assertThat(download(pair.edge(), "counted.bin").body()).isEqualTo(files.get("counted.bin"));
    assertThat(NodePair.range(pair.edge(), "counted.bin", "bytes=1000-300999").body())
        .hasSize(300_000);
    download(pair.publisher(), "counted.bin");

    await()
        .untilAsserted(
            () -> {
              assertThat(delivered("edge", "site=\"default\",") - before)
                  .isEqualTo(LENGTH + 300_000);
              assertThat(delivered("publisher", "source=\"content\"") - publishers)
                  .isGreaterThanOrEqualTo(LENGTH);
            });
    String metrics = get("edge", "/metrics").body();
    assertThat(metrics)
        .contains("# TYPE swarmgate_delivered_bytes_total counter")
        .contains("swarmgate_requests_total{answer=\"served\",site=\"default\"}")
        .contains("swarmgate_first_byte_seconds_bucket{site=\"default\",le=\"0.5\"}")
        .contains("swarmgate_origin_latency_seconds_count{origin=\"127.0.0.1:")
        .contains("swarmgate_store_used_bytes ")
        .contains("swarmgate_peers ")
        .contains("swarmgate_healthy 1");
    assertThat(metrics.lines().filter(line -> !line.startsWith("#")))
        .allMatch(line -> line.matches("[a-z][a-z0-9_]*(\\{.*})? [-+0-9.eENaInf]+"));

    String node = get("edge", "/api/v1/node").body();
    double delivered = number(node, "today\":{\"delivered");
    double fetched = number(node, "fetched");
    assertThat(delivered).isEqualTo(delivered("edge", "site=\"default\","));
    assertThat(number(node, "ratio"))
        .isCloseTo(Math.max(0, 1 - fetched / delivered), Offset.offset(0.01));
  }

  @Test
  void filesArePiecesPeersAndStates() throws Exception {
    download(pair.edge(), "counted.bin");
    String file = get("edge", "/api/v1/file?site=default&path=/s/counted.bin").body();
    assertThat(file).contains("\"cells\":\"9999999\"", "\"share\":1.0", "\"pieces\":7");
    assertThat(get("edge", "/api/v1/files?query=counted").body()).contains("\"total\":1,");
    assertThat(get("edge", "/api/v1/file?site=default&path=/s/none").statusCode()).isEqualTo(404);
    assertThat(get("publisher", "/api/v1/files").body()).contains("\"total\":4,");
    assertThat(get("edge", "/api/v1/peers").body())
        .contains("\"client\":\"SG0100\"", "\"root\":true", "\"name\":\"counted.bin\"");
  }

  @Test
  void aPurgedFileIsFetchedAnew() throws Exception {
    download(pair.edge(), "purged.bin");
    assertThat(download(pair.edge(), "purged.bin").required("Cache-Status")).contains("; hit");

    assertThat(act("edge", "/purge", "path=/s/purged.bin").body())
        .contains("\"files\":1,\"pending\":0");

    assertThat(get("edge", "/api/v1/file?site=default&path=/s/purged.bin").statusCode())
        .isEqualTo(404);
    RawResponse again = download(pair.edge(), "purged.bin");
    assertThat(again.required("Cache-Status")).containsPattern("fwd=(uri-)?miss");
    assertThat(again.body()).isEqualTo(files.get("purged.bin"));
    assertThat(get("edge", "/api/v1/events").body()).contains("purges /s/purged.bin");
  }

  @Test
  void aPreheatedFileIsThereBeforeItIsAskedFor() throws Exception {
    HttpResponse<String> begun =
        act("edge", "/preheat", "path=" + encoded("/s/preheated.bin") + "&range=0-");
    assertThat(begun.statusCode()).isEqualTo(202);
    String id = "" + (long) number(begun.body(), "id");
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(get("edge", "/api/v1/preheat?id=" + id).body())
                    .contains("\"state\":\"done\",\"done\":" + LENGTH));
    assertThat(download(pair.edge(), "preheated.bin").required("Cache-Status")).contains("; hit");
    assertThat(act("edge", "/preheat", "path=/elsewhere").body())
        .contains("under the site's patterns");
  }

  @Test
  void aDrainingNodeIsUnhealthyAndServesOn() throws Exception {
    assertThat(act("edge", "/drain", "").statusCode()).isEqualTo(202);
    try {
      assertThat(get("edge", "/health").statusCode()).isEqualTo(503);
      assertThat(get("edge", "/health").body()).contains("drained");
      assertThat(get("edge", "/ready").statusCode()).isEqualTo(200);
      assertThat(download(pair.edge(), "drained.bin").body()).isEqualTo(files.get("drained.bin"));
    } finally {
      act("edge", "/drain", "on=false");
    }
    assertThat(get("edge", "/health").statusCode()).isEqualTo(200);
  }

  @Test
  void doctorChecksTheNodeAndHowItsOriginDelivers() throws Exception {
    download(pair.edge(), "counted.bin");
    String found = act("edge", "/doctor", "path=/s/counted.bin").body();
    assertThat(found).contains("/s/counted.bin\":[{\"level\":\"GOOD\",\"check\":\"answer\"");
    for (String check :
        List.of("open files", "disk", "peers", "origin", "clock", "ranges", "If-Range")) {
      assertThat(found).contains("\"check\":\"" + check + '"');
    }
    assertThat(found).doesNotContain("BAD");
    assertThat(act("edge", "/doctor", "path=/elsewhere").statusCode()).isEqualTo(400);
  }

  @Test
  void bansAreListedUntilTheyAreEnded() throws Exception {
    assertThat(act("edge", "/ban", "address=%zz").body()).contains("percent-encoded");
    act("edge", "/ban", "address=192.0.2.1&minutes=5&reason=test");
    assertThat(get("edge", "/api/v1/node").body()).contains("\"address\":\"192.0.2.1\"");
    assertThat(get("edge", "/api/v1/events").body()).contains("banned for 5 min: test");
    assertThat(act("edge", "/unban", "address=192.0.2.1").body()).contains("\"wasBanned\":true");
    assertThat(get("edge", "/api/v1/node").body()).contains("\"bans\":[]");
  }

  @Test
  void aScrubTellsHowFarItIs() throws Exception {
    download(pair.edge(), "counted.bin");
    assertThat(act("edge", "/scrub", "").statusCode()).isEqualTo(202);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(get("edge", "/api/v1/node").body())
                    .containsPattern("\"running\":false,\"checked\":[1-9]"));
  }

  @Test
  void thePagesStreamHasASnapshotAtOnce() throws Exception {
    HttpResponse<Stream<String>> response =
        client.send(
            HttpRequest.newBuilder(uri("edge", "/api/v1/stream")).build(),
            HttpResponse.BodyHandlers.ofLines());
    try (Stream<String> lines = response.body()) {
      List<String> first = lines.limit(2).toList();
      assertThat(first.get(0)).isEqualTo("event: snapshot");
      assertThat(first.get(1)).startsWith("data: {\"node\":{").endsWith("}");
    }
  }

  private static RawResponse download(int port, String name) throws Exception {
    RawResponse response = RawClient.exchange(port, "GET", "/s/" + name, List.<Field>of());
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.whole()).isTrue();
    return response;
  }

  private URI uri(String node, String target) {
    return URI.create(
        "http://" + Objects.requireNonNull(nodes.get(node)).adminAddress().orElseThrow() + target);
  }

  private HttpResponse<String> get(String node, String target) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri(node, target)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> act(String node, String path, String form) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri(node, path))
            .header("Swarmgate-Action", "test")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  /** What a node says it has given to clients, of those counters whose labels hold a text. */
  private double delivered(String node, String labels) throws Exception {
    return get(node, "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("swarmgate_delivered_bytes_total{"))
        .filter(line -> line.contains(labels))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static double number(String json, String name) {
    Matcher matcher = Pattern.compile('"' + Pattern.quote(name) + "\":([0-9.E-]+)").matcher(json);
    assertThat(matcher.find()).as(name + " in " + json).isTrue();
    return Double.parseDouble(matcher.group(1));
  }
}
