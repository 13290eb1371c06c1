package io.swarmgate.filter.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.config.HostPort;
import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.status.FileStatus;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.SiteStatus;
import io.swarmgate.backend.swarm.SwarmStatus;
import io.swarmgate.backend.swarm.SwarmStatus.PeerStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {
  private static final HostPort LOOPBACK = new HostPort("127.0.0.1", 0);
  private static final String HOST = "Host: localhost";

  @TempDir Path store;

  @Test
  void statusIsTheNodeAsJson() throws Exception {
    try (AdminServer admin = start(Secret.NONE, true)) {
      assertThat(get(admin, "/status"))
          .startsWith("HTTP/1.1 200")
          .contains("application/json", "\"downloaded\":7", "\"fromOrigins\":3")
          .contains("\"path\":\"/<script>\"", "\"address\":\"192.0.2.1:6891\"");
    }
  }

  @Test
  void thePageIsStaticAndMayLoadNothingFromElsewhere() throws Exception {
    try (AdminServer admin = start(Secret.NONE, true)) {
      assertThat(get(admin, "/"))
          .startsWith("HTTP/1.1 200")
          .contains("default-src 'none'", "script-src 'self'", "<script src=\"/page/app.js\"")
          .doesNotContain("http://", "https://", "style=");
      assertThat(get(admin, "/page/app.js"))
          .contains("text/javascript")
          .doesNotContain("innerHTML");
      assertThat(get(admin, "/page/app.css")).contains("text/css");
      assertThat(get(admin, "/page/icon.svg")).contains("image/svg+xml");
    }
  }

  /** The page's own files aside. */
  @Test
  void theDescriptionNamesEverythingThatIsThereAndNothingElse() throws Exception {
    try (AdminServer admin = start(Secret.NONE, true)) {
      Matcher paths =
          Pattern.compile("(?m)^  \"(/[^\"]*)\": \\{\\R   \"(get|post)\"")
              .matcher(get(admin, "/openapi.json"));
      Set<String> described = new TreeSet<>();
      while (paths.find()) {
        described.add(paths.group(2).toUpperCase(Locale.ROOT) + ' ' + paths.group(1));
      }
      Set<String> routes = new TreeSet<>(admin.routes());
      routes.removeIf(route -> route.startsWith("GET /page/"));
      assertThat(described).isEqualTo(routes);
      assertThat(get(admin, "/api/v1/node")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void healthTellsWhyNobodyShouldBeSent() throws Exception {
    try (AdminServer admin = start(Secret.of("tok"), false)) {
      assertThat(get(admin, "/health"))
          .startsWith("HTTP/1.1 503")
          .contains("\"status\":\"failing\"", "the node doesn't run");
    }
    try (AdminServer admin = start(Secret.of("tok"), true)) {
      assertThat(get(admin, "/health")).startsWith("HTTP/1.1 200").contains("\"status\":\"ok\"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Swarmgate-Action: x|200",
        "Origin: http://localhost|200",
        "Origin: https://localhost|200",
        "Accept: */*|403",
        "Origin: http://example.com|403",
        "Origin: null|403",
        "Origin: http://localhost:81|403",
      })
  void actionsComeFromThePageOrFromProgramsThatSaySo(String field, int status) throws Exception {
    try (AdminServer admin = start(Secret.NONE, true)) {
      assertThat(send(admin, "POST", "/drain?on=false", HOST + "\r\n" + field))
          .startsWith("HTTP/1.1 " + status);
    }
  }

  @Test
  void anotherSitesPageCantActEvenWithTheField() throws Exception {
    try (AdminServer admin = start(Secret.NONE, true)) {
      String fields = HOST + "\r\nOrigin: http://example.com\r\nSwarmgate-Action: x";
      assertThat(send(admin, "POST", "/drain", fields)).startsWith("HTTP/1.1 403");
      assertThat(send(admin, "OPTIONS", "/drain", fields))
          .startsWith("HTTP/1.1 405")
          .doesNotContain("Access-Control");
    }
  }

  @Test
  void actionsNeedTheToken() throws Exception {
    try (AdminServer admin = start(Secret.of("tok"), true)) {
      String fields = HOST + "\r\nSwarmgate-Action: x";
      assertThat(send(admin, "POST", "/drain?on=false", fields)).startsWith("HTTP/1.1 401");
      assertThat(send(admin, "POST", "/drain?on=false", fields + "\r\nAuthorization: Bearer tok"))
          .startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/ban?address=example.com|expected an IP address",
        "/ban|expected a parameter address",
        "/ban?address=192.0.2.1&minutes=0|minutes: expected 1 to",
        "/ban?address=192.0.2.1&minutes=-1|minutes: expected a number",
        "/purge?path=/x|expected the id of a site, got none",
      })
  void whatCantBeDoneIsToldInALine(String target, String message) throws Exception {
    try (AdminServer admin = start(Secret.NONE, true)) {
      assertThat(send(admin, "POST", target, HOST + "\r\nSwarmgate-Action: x"))
          .startsWith("HTTP/1.1 400")
          .contains("\"error\":\"")
          .contains(message);
    }
  }

  @ParameterizedTest
  @CsvSource({"true,200", "false,503"})
  void readyMeansThatTheNodeServes(boolean running, int status) throws Exception {
    try (AdminServer admin = start(Secret.NONE, running)) {
      assertThat(get(admin, "/ready")).startsWith("HTTP/1.1 " + status);
      assertThat(get(admin, "/live")).startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:6892", "127.0.0.1:1", "[::1]:6892"})
  void loopbackHostsAreAnswered(String host) throws Exception {
    try (AdminServer admin = start(Secret.NONE, true)) {
      assertThat(send(admin, "GET", "/status", "Host: " + host)).startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"example.com", "127.0.0.1.example.com", "[::1", ""})
  void otherHostsAreRefused(String host) throws Exception {
    try (AdminServer admin = start(Secret.NONE, true)) {
      assertThat(send(admin, "GET", "/status", "Host: " + host)).startsWith("HTTP/1.1 421");
    }
  }

  @Test
  void theTokenIsAskedForExceptByHealthChecks() throws Exception {
    try (AdminServer admin = start(Secret.of("tok"), true)) {
      assertThat(get(admin, "/status")).startsWith("HTTP/1.1 401").doesNotContain("sites");
      assertThat(get(admin, "/")).startsWith("HTTP/1.1 401").contains("Www-authenticate: Basic");
      assertThat(get(admin, "/ready")).startsWith("HTTP/1.1 200");
      assertThat(authorized(admin, "Bearer tok")).startsWith("HTTP/1.1 200");
      assertThat(authorized(admin, "Basic " + base64("any:tok"))).startsWith("HTTP/1.1 200");
      assertThat(authorized(admin, "Bearer to")).startsWith("HTTP/1.1 401");
      assertThat(authorized(admin, "Basic " + base64("tok:"))).startsWith("HTTP/1.1 401");
      assertThat(authorized(admin, "Basic %%")).startsWith("HTTP/1.1 401");
      assertThat(authorized(admin, "Other tok")).startsWith("HTTP/1.1 401");
    }
  }

  @Test
  void onAWildcardAddressAnyHostIsAnswered() throws Exception {
    HostPort everywhere = new HostPort("0.0.0.0", 0);
    try (AdminServer admin = start(everywhere, Secret.of("tok"), true)) {
      assertThat(send(admin, "GET", "/ready", "Host: node7.example")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void whatIsReadIsNotPosted() throws Exception {
    try (AdminServer admin = start(Secret.NONE, true)) {
      assertThat(send(admin, "POST", "/status", "Host: localhost")).startsWith("HTTP/1.1 405");
      assertThat(send(admin, "HEAD", "/status", "Host: localhost"))
          .startsWith("HTTP/1.1 200")
          .endsWith("\r\n\r\n");
      assertThat(get(admin, "/other")).startsWith("HTTP/1.1 404");
    }
  }

  @Test
  void aBusyPortFailsTheStartWithOneLine() throws Exception {
    try (AdminServer first = start(Secret.NONE, true)) {
      assertThatThrownBy(() -> start(first.address(), Secret.NONE, true).close())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("adminListen")
          .hasMessageContaining(first.address().toString())
          .hasMessageNotContaining("\n");
    }
  }

  private AdminServer start(Secret token, boolean running) throws IOException {
    return start(LOOPBACK, token, running);
  }

  private AdminServer start(HostPort listen, Secret token, boolean running) throws IOException {
    return AdminServer.start(
        listen, token, () -> node(running), Watch.of(store, Clock.systemUTC()));
  }

  private static NodeStatus node(boolean running) {
    FileStatus file = new FileStatus("/<script>", 2048, InfoHash.of(new byte[20]), 1024);
    SwarmStatus swarm =
        new SwarmStatus(
            InfoHash.of(new byte[20]),
            "x",
            4,
            2,
            1,
            5,
            7,
            List.of(new PeerStatus("192.0.2.1:6891", 4, 5, 7, true)));
    SiteStatus site = new SiteStatus("default", List.of("publisher"), List.of(file), 1, 2);
    return new NodeStatus(true, running, List.of(site), List.of(swarm), 5, 7);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String get(AdminServer admin, String path) throws IOException {
    return send(admin, "GET", path, "Host: localhost");
  }

  private static String authorized(AdminServer admin, String credentials) throws IOException {
    return send(admin, "GET", "/status", "Host: localhost\r\nAuthorization: " + credentials);
  }

  /** Plain sockets, since clients choose the Host themselves. */
  private static String send(AdminServer admin, String method, String path, String fields)
      throws IOException {
    try (Socket socket = new Socket("127.0.0.1", admin.address().port())) {
      socket.setSoTimeout(10_000);
      String head =
          method + " " + path + " HTTP/1.1\r\n" + fields + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(UTF_8));
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(all);
      return all.toString(UTF_8);
    }
  }
}
