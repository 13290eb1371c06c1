package io.swarmgate.filter.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.swarmgate.filter.doctor.Finding.Level;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private static final int LENGTH = 1000;

  private HttpServer server;
  private int asked;
  private boolean honoursRange = true;
  private boolean honoursIfRange = true;
  private String cacheControl = "max-age=60";
  private Function<Integer, String> etag = count -> "\"v1\"";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/file", this::answer);
    server.createContext("/moved", this::redirect);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked++;
    var in = exchange.getRequestHeaders();
    var out = exchange.getResponseHeaders();
    String tag = etag.apply(asked);
    if (!tag.isEmpty()) {
      out.set("ETag", tag);
    }
    if (!cacheControl.isEmpty()) {
      out.set("Cache-Control", cacheControl);
    }
    String ifRange = in.getFirst("If-Range");
    boolean fits = !honoursIfRange || ifRange == null || ifRange.equals(tag);
    try (exchange) {
      if (exchange.getRequestMethod().equals("HEAD")) {
        out.set("Content-Length", "" + LENGTH);
        exchange.sendResponseHeaders(200, -1);
      } else if (honoursRange && in.containsKey("Range") && fits) {
        out.set("Content-Range", "bytes 0-0/" + LENGTH);
        exchange.sendResponseHeaders(206, 1);
        exchange.getResponseBody().write(1);
      } else {
        exchange.sendResponseHeaders(200, LENGTH);
        exchange.getResponseBody().write(new byte[LENGTH]);
      }
    }
  }

  private void redirect(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Location", "/file");
      exchange.sendResponseHeaders(302, -1);
    }
  }

  @Test
  void aGoodServerHasNothingToMend() throws Exception {
    Map<String, Level> levels = levels("/file");
    assertThat(levels)
        .containsEntry("ranges", Level.GOOD)
        .containsEntry("If-Range", Level.GOOD)
        .containsEntry("validator", Level.GOOD)
        .containsEntry("stability", Level.GOOD)
        .containsEntry("caching", Level.GOOD)
        .containsEntry("clock", Level.GOOD)
        .containsEntry("metainfo", Level.NOTE)
        .doesNotContainValue(Level.BAD)
        .doesNotContainValue(Level.WARNING);
  }

  @Test
  void aServerWithoutRangesIsBad() throws Exception {
    honoursRange = false;
    assertThat(levels("/file")).containsEntry("ranges", Level.BAD).doesNotContainKey("If-Range");
  }

  @Test
  void aServerThatIgnoresIfRangeMixesVersions() throws Exception {
    honoursIfRange = false;
    assertThat(levels("/file")).containsEntry("If-Range", Level.BAD);
  }

  @Test
  void serversThatDisagreeAreUnstable() throws Exception {
    etag = count -> "\"v" + count + '"';
    assertThat(levels("/file")).containsEntry("stability", Level.BAD);
  }

  @Test
  void weakOrMissingValidatorsAreTold() throws Exception {
    etag = count -> "W/\"v1\"";
    assertThat(levels("/file")).containsEntry("validator", Level.WARNING);
    etag = count -> "";
    assertThat(levels("/file")).containsEntry("validator", Level.BAD);
  }

  @Test
  void whatMustNotBeStoredCantBeShared() throws Exception {
    cacheControl = "private, no-store";
    assertThat(levels("/file")).containsEntry("caching", Level.BAD);
    cacheControl = "";
    assertThat(levels("/file")).containsEntry("caching", Level.NOTE);
  }

  @Test
  void redirectsAreFollowedAndTold() throws Exception {
    assertThat(levels("/moved"))
        .containsEntry("redirect", Level.NOTE)
        .containsEntry("ranges", Level.GOOD);
  }

  @Test
  void theCommandLineSaysWhatToChangeAndExitsAccordingly() throws Exception {
    honoursRange = false;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream to = new PrintStream(out, true, UTF_8);
    assertThat(Main.run(List.of("doctor", url("/file").toString()), to, to)).isEqualTo(1);
    assertThat(out.toString(UTF_8)).contains("BAD      ranges", "-> let the server answer ranges");
    honoursRange = true;
    assertThat(Main.run(List.of("doctor", url("/file").toString()), to, to)).isZero();
    assertThat(Main.run(List.of("doctor", "file:///etc/passwd"), to, to)).isEqualTo(2);
    assertThat(Main.run(List.of(), to, to)).isEqualTo(2);
  }

  @Test
  void nobodyThereIsToldAsSuch() throws Exception {
    URI url = url("/file");
    server.stop(0);
    assertThat(Delivery.of(url, Clock.systemUTC()))
        .singleElement()
        .satisfies(finding -> assertThat(finding.level()).isEqualTo(Level.BAD));
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private Map<String, Level> levels(String path) throws InterruptedException {
    return Delivery.of(url(path), Clock.systemUTC()).stream()
        .collect(Collectors.toMap(Finding::check, Finding::level));
  }
}
