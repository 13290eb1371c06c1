package io.swarmgate.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.catalina.startup.Tomcat;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplesTest {
  private static final String PATH = "/downloads/x.iso";

  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir Path base;

  @Test
  void aTomcatServesAsAnEdgeWhatAJettyPublishes() throws Exception {
    byte[] content = new byte[3 << 20];
    new Random(1).nextBytes(content);
    Path file = base.resolve("www" + PATH);
    Files.createDirectories(file.getParent());
    Files.write(file, content);

    Server publisher = EmbeddedJetty.start(node("publisher", "content=" + base.resolve("www")));
    try {
      URI origin = publisher.getURI();
      // Until it is hashed, the publisher can't name its version.
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> get(origin, "bytes=0-0").headers().firstValue("ETag").isPresent());
      Tomcat edge =
          EmbeddedTomcat.start(
              node("edge", "origin=http://127.0.0.1:" + origin.getPort(), "fill=full"),
              base.resolve("tomcat"));
      try {
        URI uri = URI.create("http://127.0.0.1:" + edge.getConnector().getLocalPort());
        HttpResponse<byte[]> part = get(uri, "bytes=1000000-2999999");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.headers().firstValue("Cache-Status")).isPresent();
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, 1_000_000, 3_000_000));
      } finally {
        edge.stop();
        edge.destroy();
      }
    } finally {
      publisher.stop();
    }
  }

  @Test
  void whatCantStartSaysSo() {
    assertThatThrownBy(() -> EmbeddedJetty.start(node("jetty", "content=" + base, "minSize=x")))
        .hasMessageContaining("Swarmgate");
    assertThatThrownBy(
            () -> EmbeddedTomcat.start(node("edge", "content=" + base, "minSize=x"), base))
        .hasMessage("the application could not be started");
  }

  @Test
  void argumentsThatCantBeReadAreNamed() {
    assertThat(Arguments.parse(List.of("80", "a=b=c", "d=")))
        .isEqualTo(new Arguments(80, Map.of("a", "b=c", "d", "")));
    assertThatThrownBy(() -> Arguments.parse(List.of())).hasMessage("expected a port, got nothing");
    assertThatThrownBy(() -> Arguments.parse(List.of("http")))
        .hasMessage("expected a port, got http");
    assertThatThrownBy(() -> Arguments.parse(List.of("0", "=b")))
        .hasMessage("expected NAME=VALUE, got =b");
  }

  private Arguments node(String name, String... settings) {
    List<String> common =
        List.of(
            "0",
            "patterns=/downloads/*",
            "store=" + base.resolve(name),
            "peerPort=0",
            "adminListen=off");
    return Arguments.parse(Stream.concat(common.stream(), Arrays.stream(settings)).toList());
  }

  private HttpResponse<byte[]> get(URI server, String range)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve(PATH)).header("Range", range).build();
    return client.send(request, BodyHandlers.ofByteArray());
  }
}
