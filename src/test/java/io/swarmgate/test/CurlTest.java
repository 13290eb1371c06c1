package io.swarmgate.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.Cluster;
import io.swarmgate.test.harness.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** curl, as users have it. */
@Tag("interop")
class CurlTest {
  @RegisterExtension final Servers servers = new Servers();

  @Test
  void curlDownloadsRangesAndResumes() throws Exception {
    Cluster cluster = Cluster.start(servers, 1);
    String url = cluster.file(cluster.edge(1)).toString();
    byte[] content = cluster.content();
    Path file = servers.directory().resolve("curl.out");

    curl("-o", file.toString(), url);
    assertThat(file).hasBinaryContent(content);

    curl("-r", "1000000-3000000", "-o", file.toString(), url);
    assertThat(file).hasBinaryContent(Arrays.copyOfRange(content, 1000000, 3000001));

    Files.write(file, Arrays.copyOf(content, 2_222_222));
    curl("-C", "-", "-o", file.toString(), url);
    assertThat(file).hasBinaryContent(content);
  }

  private void curl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--fail", "--max-time", "60"));
    command.addAll(List.of(arguments));
    Path output = servers.directory().resolve("curl.log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }
}
