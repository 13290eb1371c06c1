package io.swarmgate.filter.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.observe.Observer;
import io.swarmgate.backend.swarm.SwarmEngine;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnginesTest {
  @TempDir Path base;

  @Test
  void theConfiguredTrackerIsToldWhereWeAreAndThatWeStop() throws Exception {
    BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    HttpServer tracker =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    tracker.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().toString());
          byte[] answer = "d8:intervali1800e5:peers0:e".getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    tracker.start();
    Map<String, String> values =
        Map.of(
            "patterns", "/*",
            "origin", "http://o.test",
            "peerPort", "0",
            "tracker", "http://127.0.0.1:" + tracker.getAddress().getPort() + "/announce",
            "peerAdvertise", "127.0.0.9:7001");
    try (SwarmEngine engine = Engines.of(SwarmBackendConfig.parse(values, base), Observer.NONE)) {
      engine.start();
      engine.add(
          InfoHash.of(new byte[InfoHash.LENGTH]),
          () -> {
            throw new IllegalStateException("nobody wakes it");
          });
      assertThat(asked.poll(20, TimeUnit.SECONDS))
          .startsWith("/announce?info_hash=")
          .contains("&port=7001&", "&ip=127.0.0.9", "&event=started");
    } finally {
      tracker.stop(1);
    }
    assertThat(asked.poll(20, TimeUnit.SECONDS)).contains("&event=stopped");
  }
}
