package io.swarmgate.test.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.Nodes;
import io.swarmgate.test.harness.Nodes.At;
import io.swarmgate.test.harness.Nodes.Published;
import io.swarmgate.test.harness.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** GNU Wget. */
@Tag("interop")
@ExtendWith(Nodes.Shared.class)
class WgetTest {
  private static final int LENGTH = (8 << 20) + 12_345;

  /** When a download is killed, which would take many times as long at the rate it is held to. */
  private static final int KILLED_AT = 512 << 10;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void aKilledDownloadIsContinuedAndAWholeOneLeftAlone(At at, Nodes nodes) throws Exception {
    Published file = nodes.publish(at, "wget.bin", LENGTH);
    String url = file.uri().toString();
    Path out = directory.resolve(file.name());
    try (Program wget = Program.start(directory, "wget", "--limit-rate=1m", url)) {
      wget.awaitBytes(out, KILLED_AT);
    }
    long begun = Files.size(out);
    assertThat(begun).isLessThan(LENGTH);

    Program.run(directory, "wget", "-c", url);

    assertThat(out).hasBinaryContent(file.content());
    file.awaitRequest(206, "bytes=" + begun + "-");

    assertThat(Program.run(directory, "wget", "-c", url)).contains("nothing to do");
    assertThat(out).hasBinaryContent(file.content());
    file.awaitRequest(416, "bytes=" + LENGTH + "-");
  }
}
