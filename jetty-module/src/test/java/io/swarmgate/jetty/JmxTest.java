package io.swarmgate.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.Field;
import io.swarmgate.filter.testing.JettyCore;
import io.swarmgate.filter.testing.RawClient;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JmxTest {
  private static final int LENGTH = 300_000;

  private final MBeanServer beans = ManagementFactory.getPlatformMBeanServer();

  @TempDir private Path base;

  @Test
  void aNodeAndItsMetricsAreMBeansWhileItRuns() throws Exception {
    Files.write(
        Files.createDirectories(base.resolve("content/files")).resolve("x"), new byte[LENGTH]);
    Path store = base.resolve("store");
    SwarmgateHandler handler = new SwarmgateHandler();
    Map.of(
            "patterns", "/files/*",
            "content", base.resolve("content").toString(),
            "minSize", "0",
            "store", store.toString(),
            "peerPort", "0",
            "adminListen", "off")
        .forEach(handler::set);
    String node = ",node=" + ObjectName.quote(store.toString());
    ObjectName state = new ObjectName("io.swarmgate:type=Node" + node);

    try (JettyCore server = new JettyCore(handler, ScriptedHandler.THREADS, null)) {
      assertThat(beans.getAttribute(state, "Health")).isEqualTo("ok");
      assertThat(beans.getAttribute(state, "Draining")).isEqualTo(false);
      assertThat(beans.getAttribute(state, "Reasons")).isEqualTo(new String[0]);
      assertThat(value("swarmgate_store_max_bytes" + node)).isPositive();

      assertThat(RawClient.exchange(server.port(), "GET", "/files/x", List.<Field>of()).body())
          .hasSize(LENGTH);

      // These appear with the first request. The client may have it all before it is counted.
      String site = ",site=\"default\"" + node;
      await()
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(value("swarmgate_delivered_bytes_total,source=\"content\"" + site))
                      .isEqualTo(LENGTH));
      assertThat(value("swarmgate_requests_total,answer=\"served\"" + site)).isEqualTo(1);
      ObjectName waits = metric("swarmgate_first_byte_seconds" + site);
      assertThat(beans.getAttribute(waits, "Count")).isEqualTo(1L);
      assertThat(((TabularData) beans.getAttribute(waits, "Buckets")).size()).isGreaterThan(10);
    }

    Set<ObjectName> left = beans.queryNames(new ObjectName("io.swarmgate:*" + node), null);
    assertThat(left).isEmpty();
  }

  private static ObjectName metric(String name) throws Exception {
    return new ObjectName("io.swarmgate:type=Metric,name=" + name);
  }

  private double value(String name) throws Exception {
    return (double) beans.getAttribute(metric(name), "Value");
  }
}
