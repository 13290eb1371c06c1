package io.swarmgate.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.JettyBase;
import io.swarmgate.test.harness.JettyProcess;
import io.swarmgate.test.harness.Servers;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can't be used stops the start, and one line says why. */
class BadConfigTest {
  @RegisterExtension final Servers servers = new Servers();

  @ParameterizedTest
  @CsvSource({
    "maxStall, fast",
    "minSize, large",
    "storeMax, -1",
    "queryKey, 'a b'",
    "fill, sometimes",
    "mapped, maybe",
    "peerPort, 70000",
    "peerHost, 0.0.0.0",
    "peers, nowhere",
    "allow, 10.0.0.0/99",
    "secret, hunter2",
    "adminToken, file:missing",
    "adminListen, 0.0.0.0:6892",
    "encryption, always",
    "content, missing",
    "origin, example.com",
    "enabled, perhaps",
    "config, missing.properties",
    "sites, 'a,a'",
    "store, start.d/swarmgate.ini"
  })
  void aBadValueStopsTheStart(String name, String value) throws Exception {
    JettyBase base = publisher();
    base.set(name, value);
    assertThat(refusals(base)).singleElement().asString().contains("can't start: " + name + ":");
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
