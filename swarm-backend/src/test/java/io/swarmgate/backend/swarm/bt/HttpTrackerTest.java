package io.swarmgate.backend.swarm.bt;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.swarm.Announce;
import io.swarmgate.backend.swarm.Announced;
import io.swarmgate.backend.swarm.PeerId;
import io.swarmgate.backend.swarm.Tracker;
import io.swarmgate.backend.swarm.TrackerRefusedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpTrackerTest {
  static final int PORT = 7000;

  private final AtomicReference<String> asked = new AtomicReference<>();
  private HttpServer server;
  private volatile int status = 200;
  private volatile String body = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.set(exchange.getRequestURI().toString());
          byte[] bytes = body.getBytes(ISO_8859_1);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void theAnnounceSaysWhoWeAreAndWhatWeMiss() throws Exception {
    body = "d8:intervali1800ee";
    announce("/announce", Announce.Event.STARTED, "192.0.2.7");
    assertThat(asked.get())
        .startsWith("/announce?info_hash=%00%01%02%03")
        .contains("&peer_id=%2D%53%47")
        .contains("&port=7000&uploaded=1&downloaded=2&left=3&compact=1&numwant=50")
        .contains("&key=0000000F&event=started&ip=192.0.2.7");
  }

  @Test
  void aQueryInTheUrlIsKeptAndNothingIsSaidThatIsNotSo() throws Exception {
    body = "d8:intervali1800ee";
    announce("/a?passkey=x%20y", Announce.Event.NONE, "");
    assertThat(asked.get())
        .startsWith("/a?passkey=x%20y&info_hash=")
        .doesNotContain("event=")
        .doesNotContain("ip=");
  }

  @Test
  void compactPeersAreRead() throws Exception {
    body = "d8:intervali1800e12:min intervali900e5:peers12:\12\0\0\1\32\353\177\0\0\1\0\0e";
    Announced announced = announce("/announce", Announce.Event.NONE, "");
    assertThat(announced.interval()).isEqualTo(Duration.ofSeconds(1800));
    assertThat(announced.minInterval()).isEqualTo(Duration.ofSeconds(900));
    assertThat(announced.peers())
        .as("the second has no port")
        .containsExactly(new InetSocketAddress("10.0.0.1", 6891));
  }

  @Test
  void compactIpv6PeersAreRead() throws Exception {
    body = "d8:intervali60e5:peers0:6:peers618:" + " \1\r\270\0\0\0\0\0\0\0\0\0\0\0\7\377\377e";
    assertThat(announce("/announce", Announce.Event.NONE, "").peers())
        .containsExactly(new InetSocketAddress("2001:db8::7", 65535));
  }

  @Test
  void peersInTheLongFormAreReadButNotTheirNames() throws Exception {
    body =
        "d8:intervali60e5:peersl"
            + "d2:ip8:10.0.0.24:porti1ee"
            + "d2:ip3:::14:porti2ee"
            + "d2:ip9:peer.test4:porti3ee"
            + "d2:ip8:10.0.0.34:porti70000ee"
            + "i7ee"
            + "e";
    assertThat(announce("/announce", Announce.Event.NONE, "").peers())
        .containsExactly(new InetSocketAddress("10.0.0.2", 1), new InetSocketAddress("::1", 2));
  }

  @Test
  void aFailureReasonIsARefusal() {
    body = "d14:failure reason11:not\nallowede";
    assertThatThrownBy(() -> announce("/announce", Announce.Event.NONE, ""))
        .cause()
        .isInstanceOf(TrackerRefusedException.class)
        .hasMessage("not allowed");
  }

  @Test
  void whatIsNoAnswerOfATrackerIsAFailure() {
    body = "<html>not found</html>";
    status = 404;
    assertThatThrownBy(() -> announce("/announce", Announce.Event.NONE, ""))
        .cause()
        .isExactlyInstanceOf(IOException.class)
        .hasMessageContaining("404");
    body = "";
    status = 200;
    assertThatThrownBy(() -> announce("/announce", Announce.Event.NONE, ""))
        .cause()
        .isExactlyInstanceOf(IOException.class);
  }

  @Test
  void anEndlessAnswerIsNotKept() {
    body = "d5:peers" + "9".repeat(300 << 10);
    assertThatThrownBy(() -> announce("/announce", Announce.Event.NONE, ""))
        .cause()
        .hasMessageContaining("got more");
  }

  @Test
  void nothingOfTheUrlButItsHostIsNamed() {
    assertThat(Trackers.of(List.of(URI.create("https://t.test:8/secret/announce?passkey=1"))))
        .first()
        .hasToString("https://t.test:8");
  }

  private Announced announce(String path, Announce.Event event, String host) throws Exception {
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    Tracker tracker = Trackers.of(List.of(url)).get(0);
    return tracker.announce(announce(event, host)).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  static Announce announce(Announce.Event event, String host) {
    byte[] hash = new byte[InfoHash.LENGTH];
    for (int i = 0; i < hash.length; i++) {
      hash[i] = (byte) i;
    }
    return announce(InfoHash.of(hash), event, host);
  }

  static Announce announce(InfoHash infoHash, Announce.Event event, String host) {
    return new Announce(infoHash, PeerId.random(), host, PORT, 15, 1, 2, 3, 50, event);
  }
}
