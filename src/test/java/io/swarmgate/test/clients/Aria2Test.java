package io.swarmgate.test.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.test.harness.Access;
import io.swarmgate.test.harness.Nodes;
import io.swarmgate.test.harness.Nodes.At;
import io.swarmgate.test.harness.Nodes.Published;
import io.swarmgate.test.harness.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** aria2, which takes a file by many connections at once. */
@Tag("interop")
@ExtendWith(Nodes.Shared.class)
class Aria2Test {
  private static final int LENGTH = (16 << 20) + 12_345;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void sixteenConnectionsEachBringAPartAndAKilledDownloadGoesOn(At at, Nodes nodes)
      throws Exception {
    Published file = nodes.publish(at, "aria2.bin", LENGTH);
    Path out = directory.resolve(file.name());
    try (Program aria2 = start(file, "--max-overall-download-limit=6M")) {
      // It writes to many places at once, so the file is longer than what there is of it.
      aria2.awaitBytes(out, LENGTH / 2);
      aria2.terminate();
    }

    start(file, "-c").succeed();

    assertThat(out).hasBinaryContent(file.content());
    // It is logged a moment after the client has it.
    await()
        .untilAsserted(
            () ->
                assertThat(file.requests().stream().map(Access::range).distinct())
                    .hasSizeGreaterThanOrEqualTo(16));
    assertThat(file.requests()).extracting(Access::status).contains(206).isSubsetOf(200, 206);
  }

  private Program start(Published file, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("aria2c", "--no-conf", "-x16", "-s16", "-k1M", "--file-allocation=none"));
    command.addAll(List.of(more));
    command.add(file.uri().toString());
    return Program.start(directory, command);
  }
}
