package io.swarmgate.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.JettyBase;
import io.swarmgate.test.harness.JettyProcess;
import io.swarmgate.test.harness.Servers;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can't be used stops the start, and one line says why. */
class BadConfigTest {
  @RegisterExtension final Servers servers = new Servers();

  private static final Map<String, String> BAD =
      Map.ofEntries(
          Map.entry("maxStall", "fast"),
          Map.entry("minSize", "large"),
          Map.entry("storeMax", "-1"),
          Map.entry("fill", "sometimes"),
          Map.entry("mapped", "maybe"),
          Map.entry("peerPort", "70000"),
          Map.entry("peerHost", "0.0.0.0"),
          Map.entry("peers", "nowhere"),
          Map.entry("secret", "hunter2"),
          Map.entry("adminToken", "file:missing"),
          Map.entry("adminListen", "here"),
          Map.entry("encryption", "sometimes"),
          Map.entry("content", "missing"),
          Map.entry("origin", "example.com"),
          Map.entry("enabled", "perhaps"),
          Map.entry("config", "missing.properties"),
          Map.entry("store", "start.d/swarmgate.ini"));

  @Test
  void everyBadValueIsToldInALineOfItsOwn() throws Exception {
    JettyBase base = publisher();
    for (Map.Entry<String, String> setting : BAD.entrySet()) {
      base.set(setting.getKey(), setting.getValue());
    }
    assertThat(refusals(base))
        .hasSameSizeAs(BAD.keySet())
        .allSatisfy(line -> assertThat(line).doesNotContain("hunter2"))
        .extracting(line -> line.replaceAll(".*can't start: (\\w+):.*", "$1"))
        .containsExactlyInAnyOrderElementsOf(BAD.keySet());
  }

  @Test
  void aMissingPatternStopsTheStart() throws Exception {
    JettyBase base = publisher().set("patterns", "");
    assertThat(refusals(base)).singleElement().asString().contains("can't start: patterns:");
  }

  @Test
  void anUnknownNameInTheConfigFileStopsTheStart() throws Exception {
    JettyBase base = publisher().set("config", "site.properties");
    Files.writeString(base.directory().resolve("site.properties"), "maxStal=1s\n");
    assertThat(refusals(base)).singleElement().asString().contains("maxStal:", "maxStall");
  }

  @ParameterizedTest
  @CsvSource({"adminListen, 127.0.0.1:", "peerPort, ''"})
  void aPortInUseStopsTheStart(String name, String prefix) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      JettyBase base = publisher().set(name, prefix + taken.getLocalPort());
      assertThat(refusals(base))
          .singleElement()
          .asString()
          .contains(name, Integer.toString(taken.getLocalPort()));
    }
  }

  private JettyBase publisher() throws Exception {
    Files.createDirectories(servers.directory().resolve("content"));
    return servers
        .base("publisher")
        .set("patterns", "/files/*")
        .set("content", servers.directory().resolve("content").toString());
  }

  /** The lines that say why, of a server that has ended without having served. */
  private List<String> refusals(JettyBase base) throws Exception {
    JettyProcess process = servers.launch(base);
    assertThat(process.awaitExit()).isNotZero();
    assertThat(process.log()).doesNotContain("Started oejs.Server");
    return process.log().lines().filter(line -> line.contains("Swarmgate can't start: ")).toList();
  }
}
