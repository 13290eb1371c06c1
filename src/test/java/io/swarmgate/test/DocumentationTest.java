package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.config.Setting;
import io.swarmgate.test.harness.Install;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Code, module file, its XML and README name the same settings with the same defaults. */
class DocumentationTest {
  private static final Path DIST = Install.root().resolve("jetty-module/src/main/dist");

  @Test
  void theModuleFileHasEverySettingWithItsDefault() throws IOException {
    assertThat(found("modules/swarmgate.mod", "(?m)^# swarmgate\\.(\\w+)=(.*)$"))
        .isEqualTo(all(Setting::isSupported));
  }

  /** Those not supported yet too, so that setting one is told. */
  @Test
  void theXmlHandsEverySettingOn() throws IOException {
    Map<String, String> handed =
        found(
            "etc/swarmgate.xml",
            "<Arg>(\\w+)</Arg><Arg><Property name=\"swarmgate\\.(\\w+)\"/></Arg>");
    assertThat(handed.keySet()).isEqualTo(all(setting -> true).keySet());
    assertThat(handed).allSatisfy((name, property) -> assertThat(property).isEqualTo(name));
  }

  /**
   * Rows are {@code | `name` or `name`* | default | meaning |}; a default of text stands as such.
   */
  @Test
  void theReadmesTableHasEverySettingWithItsDefault() throws IOException {
    Map<String, String> rows =
        found("../../../../README.md", "(?m)^\\| `(\\w+)`\\*? \\| (?:`([^`]*)`|[^|`]*) \\| ");
    assertThat(rows).isEqualTo(all(Setting::isSupported));
    Map<String, String> perSite =
        found("../../../../README.md", "(?m)^\\| `(\\w+)`\\* \\| (?:`([^`]*)`|[^|`]*) \\| ");
    assertThat(perSite).isEqualTo(all(setting -> setting.isSupported() && setting.isPerSite()));
  }

  /** An alert on a metric that there isn't stays silent. */
  @Test
  void alertRulesAskForMetricsThatThereAre() throws IOException {
    String metrics = Files.readString(Install.root().resolve("docs/metrics.md"), UTF_8);
    Matcher asked =
        Pattern.compile("(swarmgate_\\w+?)(_bucket)?\\b")
            .matcher(
                Files.readString(Install.root().resolve("docs/alerts/swarmgate.rules.yml"), UTF_8));
    assertThat(asked.results().map(match -> '`' + match.group(1) + '`').distinct().toList())
        .hasSizeGreaterThan(8)
        .allSatisfy(name -> assertThat(metrics).contains(name));
  }

  private static Map<String, String> all(Predicate<Setting> which) {
    Map<String, String> all = new TreeMap<>();
    Arrays.stream(Setting.values())
        .filter(which)
        .forEach(setting -> all.put(setting.key(), setting.defaultText()));
    return all;
  }

  private static Map<String, String> found(String file, String pattern) throws IOException {
    Map<String, String> all = new TreeMap<>();
    Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(DIST.resolve(file), UTF_8));
    while (matcher.find()) {
      String value = matcher.group(2);
      all.put(matcher.group(1), value == null ? "" : value);
    }
    return all;
  }
}
