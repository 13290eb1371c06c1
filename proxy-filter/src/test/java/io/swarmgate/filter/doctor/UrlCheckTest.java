package io.swarmgate.filter.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.swarmgate.filter.doctor.Finding.Level;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlCheckTest {
  private static final int LENGTH = 100_000;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final CountDownLatch stalled = new CountDownLatch(1);
  private HttpServer server;
  private int asked;
  private boolean honoursRange = true;
  private boolean honoursIfRange = true;
  private boolean sameContent = true;
  private String cacheControl = "max-age=60";
  private Function<Integer, String> etag = count -> "\"v1\"";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/file", this::answer);
    server.createContext("/moved", this::redirect);
    server.createContext("/stalls", this::stall);
    server.start();
  }

  @AfterEach
  void stop() {
    stalled.countDown();
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
        String[] range = in.getFirst("Range").replace("bytes=", "").split("-", -1);
        int first = Integer.parseInt(range[0]);
        int last = Math.min(LENGTH - 1, Integer.parseInt(range[1]));
        out.set("Content-Range", "bytes " + first + "-" + last + "/" + LENGTH);
        exchange.sendResponseHeaders(206, last + 1 - first);
        byte[] part = new byte[last + 1 - first];
        // Some versions differ late.
        part[part.length - 1] = (byte) (sameContent || first == 0 ? 0 : asked);
        exchange.getResponseBody().write(part);
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

  /** Sends of a body all but its last byte. */
  private void stall(HttpExchange exchange) throws IOException {
    boolean asksForMore = !"bytes=0-0".equals(exchange.getRequestHeaders().getFirst("Range"));
    if (exchange.getRequestMethod().equals("HEAD") || !asksForMore) {
      answer(exchange);
      return;
    }
    try (exchange) {
      exchange.sendResponseHeaders(206, LENGTH);
      exchange.getResponseBody().write(new byte[1]);
      exchange.getResponseBody().flush();
      stalled.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aServerThatStopsSendingIsNotWaitedForForLong() throws Exception {
    List<Finding> found = new ArrayList<>();
    Probe impatient = new Probe(Duration.ofMillis(500));
    UrlCheck check = new UrlCheck(impatient, Clock.systemUTC(), found::add);
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> check.check(url("/stalls")));
    Finding last = found.get(found.size() - 1);
    assertThat(last.level()).isEqualTo(Level.BAD);
    assertThat(last.found()).contains("expected an answer within 500 ms");
  }

  @Test
  void aGoodServerHasNothingToMend() throws Exception {
    Map<String, Level> levels = levels("/file");
    assertThat(levels)
        .containsEntry("ranges", Level.GOOD)
        .hasSize(UrlCheck.CHECKS)
        .containsEntry("If-Range", Level.GOOD)
        .containsEntry("protocol", Level.GOOD)
        .containsEntry("content", Level.GOOD)
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
  void serversThatSayTheSameAndSendSomethingElseAreFound() throws Exception {
    sameContent = false;
    assertThat(levels("/file"))
        .containsEntry("stability", Level.GOOD)
        .containsEntry("content", Level.BAD);
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
  void whatIsGoodUntilADateIsToldByThatDate() {
    HttpHeaders head =
        HttpHeaders.of(Map.of("Expires", List.of("Sun, 06 Nov 2044 08:49:37 GMT")), (n, v) -> true);
    assertThat(HeadCheck.caching(head))
        .containsExactly(Finding.good("caching", "Expires: Sun, 06 Nov 2044 08:49:37 GMT"));
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
    assertThat(run(false, "doctor", url("/file").toString())).isEqualTo(1);
    assertThat(said.toString(UTF_8))
        .contains("BAD      ranges", "-> let the server answer ranges")
        .doesNotContain("\r", "\033");
    honoursRange = true;
    assertThat(run(false, "doctor", url("/file").toString())).isZero();
    assertThat(run(false, "--help")).isZero();
  }

  @Test
  void aTerminalIsShownHowFarItIs() throws Exception {
    assertThat(run(true, "doctor", url("/file").toString())).isZero();
    assertThat(said.toString(UTF_8))
        .contains("[........................] 0 of 12", "[########################] 12 of 12")
        .endsWith("\r\033[K");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "|expected the command doctor, got none",
        "heal http://x/y|expected the command doctor, got \"heal\"",
        "doctor|expected a URL, got none",
        "doctor file:///etc/passwd|expected a URL such as https://HOST/PATH, got \"file:///etc/pa",
        "doctor http://x/y --json|expected a URL such as https://HOST/PATH, got \"--json\"",
      })
  void argumentsThatCantBeUsedAreTold(String row) throws Exception {
    String[] parts = row.split("\\|", -1);
    String[] arguments = parts[0].isEmpty() ? new String[0] : parts[0].split(" ", -1);
    assertThat(run(false, arguments)).isEqualTo(2);
    assertThat(said.toString(UTF_8)).startsWith("doctor: " + parts[1]).contains("Usage: ");
  }

  @Test
  void aServerIsReachedWithoutAFile() throws Exception {
    List<Finding> found = new ArrayList<>();
    UrlCheck check = new UrlCheck(Clock.systemUTC(), found::add);
    check.reach(url("/moved"));
    assertThat(found).extracting(Finding::check).containsExactly("origin", "clock");
    assertThat(found).extracting(Finding::level).containsOnly(Level.GOOD);
    server.stop(0);
    check.reach(url("/moved"));
    assertThat(found.get(2).level()).isEqualTo(Level.BAD);
  }

  private int run(boolean terminal, String... arguments) throws InterruptedException {
    said.reset();
    PrintStream to = new PrintStream(said, true, UTF_8);
    return Main.run(List.of(arguments), to, to, terminal);
  }

  @Test
  void nobodyThereIsToldAsSuch() throws Exception {
    URI url = url("/file");
    server.stop(0);
    assertThat(UrlCheck.of(url, Clock.systemUTC()))
        .singleElement()
        .satisfies(finding -> assertThat(finding.level()).isEqualTo(Level.BAD));
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private Map<String, Level> levels(String path) throws InterruptedException {
    return UrlCheck.of(url(path), Clock.systemUTC()).stream()
        .collect(Collectors.toMap(Finding::check, Finding::level));
  }
}
