package io.swarmgate.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.Install;
import io.swarmgate.test.harness.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alert rules, read and evaluated by Prometheus' own tool. */
@Tag("interop")
class AlertRulesTest {
  @Test
  void prometheusTakesTheRulesAndTheyAlertWhenTheyShould(@TempDir Path directory) throws Exception {
    for (String file :
        new String[] {
          "docs/alerts/swarmgate.rules.yml", "src/test/alerts/swarmgate.test.yml",
        }) {
      Path from = Install.root().resolve(file);
      Files.copy(from, directory.resolve(from.getFileName()));
    }
    assertThat(Program.run(directory, "promtool", "check", "rules", "swarmgate.rules.yml"))
        .contains("SUCCESS");
    assertThat(Program.run(directory, "promtool", "test", "rules", "swarmgate.test.yml"))
        .contains("SUCCESS");
  }
}
