package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.test.harness.Install;
import io.swarmgate.test.harness.JettyBase;
import io.swarmgate.test.harness.JettyProcess;
import io.swarmgate.test.harness.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** We stand innermost, whatever else wraps the server. */
class HandlerOrderTest {
  @RegisterExtension final Servers servers = new Servers();

  @Test
  void theModuleComesBeforeEveryModuleThatWrapsTheServer() throws Exception {
    ModuleFile ours =
        ModuleFile.read(Install.root().resolve("jetty-module/src/main/dist/modules/swarmgate.mod"));
    assertThat(new TreeSet<>(ours.section("before"))).isEqualTo(wrappers());
  }

  /** The modules of jetty-home whose XML inserts a handler into the server. */
  private static TreeSet<String> wrappers() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    Path modules = Install.jettyHome().resolve("modules");
    try (Stream<Path> files = Files.list(modules)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".mod")).toList()) {
        ModuleFile module = ModuleFile.read(file);
        // Those for one kind of web application come into that, not into the server.
        if (module.section("environment").isEmpty() && insertsHandler(module)) {
          names.add(file.getFileName().toString().replace(".mod", ""));
        }
      }
    }
    return names;
  }

  private static boolean insertsHandler(ModuleFile module) throws IOException {
    for (String xml : module.section("xml")) {
      Path file = Install.jettyHome().resolve(xml);
      if (Files.exists(file) && Files.readString(file, UTF_8).contains("insertHandler")) {
        return true;
      }
    }
    return false;
  }

  @Test
  void weStandInnermostWithAllOfThemEnabled() throws Exception {
    List<String> all = new ArrayList<>(wrappers());
    // It sends every plain request to https.
    all.remove("secure-redirect");
    // Jetty 12.1.12's own XML for these names constructors that aren't there.
    all.removeAll(List.of("dos", "delay-until-content"));
    all.add("compression-gzip");
    JettyBase base = servers.base("base", all.toArray(String[]::new));
    base.set("patterns", "/files/*").set("content", base.directory().toString());
    base.ini("server", "jetty.server.dumpAfterStart=true");
    JettyProcess process = servers.start(base);
    await().untilAsserted(() -> assertInnermost(process.log()));
  }

  /** Holds where the dump, which is written when the server has started, shows our handler. */
  private static void assertInnermost(String dump) {
    assertThat(dump)
        .contains("GzipHandler@", "CompressionHandler@", "StatisticsHandler@", "QoSHandler@")
        .containsPattern(
            "\\+= isj\\.SwarmgateHandler@.*\\R[| ]*\\+= oejsh\\.ContextHandlerCollection@");
  }
}
