package io.swarmgate.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.testing.Ports;
import io.swarmgate.filter.servlet.SwarmgateFilter;
import io.swarmgate.filter.testing.JettyCore;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.filter.testing.WebServer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandlerAndFilterTest {
  /** Were there two nodes, the second would find the peer port and the store taken. */
  @Test
  void theHandlerAndTheFilterWithTheSameSettingsShareANode(@TempDir Path base) throws Exception {
    byte[] content = new byte[300_000];
    new Random(1).nextBytes(content);
    Files.write(Files.createDirectories(base.resolve("content/files")).resolve("x"), content);
    Map<String, String> settings = settings(base);
    SwarmgateHandler handler = new SwarmgateHandler();
    settings.forEach(handler::set);
    ServletContextHandler context = new ServletContextHandler();
    context.addServletContainerInitializer(
        (classes, servlets) -> {
          FilterRegistration.Dynamic filter =
              servlets.addFilter("swarmgate", new SwarmgateFilter());
          filter.setAsyncSupported(true);
          filter.setInitParameters(settings);
          filter.addMappingForUrlPatterns(
              EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC), false, "/*");
        });

    try (WebServer filtering = new JettyCore(context, ScriptedHandler.THREADS, null)) {
      try (WebServer handling = new JettyCore(handler, ScriptedHandler.THREADS, null)) {
        assertServed(handling, content);
      }
      assertServed(filtering, content);
    }
  }

  private static void assertServed(WebServer server, byte[] content) throws Exception {
    RawResponse response =
        RawClient.exchange(
            server.port(), "GET", "/files/x", List.of(new Field("Range", "bytes=1000-200000")));
    assertThat(response.status()).isEqualTo(206);
    assertThat(response.body()).isEqualTo(Arrays.copyOfRange(content, 1000, 200_001));
  }

  private static Map<String, String> settings(Path base) throws Exception {
    return Map.of(
        "patterns",
        "/files/*",
        "content",
        base.resolve("content").toString(),
        "minSize",
        "0",
        "store",
        base.resolve("store").toString(),
        "peerPort",
        Integer.toString(Ports.free()),
        "adminListen",
        "off");
  }
}
