package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.Install;
import io.swarmgate.test.harness.JettyBase;
import io.swarmgate.test.harness.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What users unpack into their {@code $JETTY_BASE}. */
class ZipTest {
  private static final String NEWER = "99.0.0";

  @RegisterExtension final Servers servers = new Servers();

  @Test
  void theModuleFileListsExactlyTheJarsOfTheZip() throws Exception {
    Install.unzip(Install.zip(), servers.directory());
    List<String> listed =
        ModuleFile.read(servers.directory().resolve("modules/swarmgate.mod")).section("lib");
    List<String> there =
        Install.entries(Install.zip()).stream().filter(name -> name.endsWith(".jar")).toList();
    assertThat(listed.stream().map(jar -> jar.replace("${swarmgate.version}", Install.version())))
        .containsExactlyInAnyOrderElementsOf(there);
  }

  @Test
  void slf4jIsLeftToJettysLoggingModuleAndTheLicenceIsThere() {
    assertThat(Install.entries(Install.zip()))
        .noneMatch(name -> name.contains("slf4j"))
        .contains("lib/swarmgate/" + Install.version() + "/LICENSE");
  }

  @Test
  void unpackingANewerVersionOverAnOlderMixesNothingAndOneLineGoesBack() throws Exception {
    JettyBase base = servers.base("base");
    unpackNewer(base.directory());
    assertThat(swarmgateJars(base)).isNotEmpty().allMatch(line -> line.contains("/" + NEWER + "/"));

    base.ini("swarmgate", "swarmgate.version=" + Install.version());
    assertThat(swarmgateJars(base))
        .isNotEmpty()
        .allMatch(line -> line.contains("/" + Install.version() + "/"));
  }

  /** The same zip as if it were a later release's. */
  private static void unpackNewer(Path base) throws IOException {
    Path mod = base.resolve("modules/swarmgate.mod");
    String text = Files.readString(mod, UTF_8);
    Files.writeString(mod, text.replace("version?=" + Install.version(), "version?=" + NEWER));
    Path lib = base.resolve("lib/swarmgate");
    Files.createDirectories(lib.resolve(NEWER));
    try (Stream<Path> jars = Files.list(lib.resolve(Install.version()))) {
      for (Path jar : jars.toList()) {
        Files.copy(jar, lib.resolve(NEWER).resolve(jar.getFileName().toString()));
      }
    }
  }

  private static List<String> swarmgateJars(JettyBase base) throws Exception {
    return base.startJar("--list-config")
        .lines()
        .filter(line -> line.contains("lib/swarmgate/") && line.contains(".jar"))
        .toList();
  }
}
