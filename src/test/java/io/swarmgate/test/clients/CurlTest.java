package io.swarmgate.test.clients;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.test.harness.Nodes;
import io.swarmgate.test.harness.Nodes.At;
import io.swarmgate.test.harness.Nodes.Published;
import io.swarmgate.test.harness.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** curl, as users have it. */
@Tag("interop")
@ExtendWith(Nodes.Shared.class)
class CurlTest {
  private static final int LENGTH = (8 << 20) + 12_345;

  /** When a download is killed, which would take many times as long at the rate it is held to. */
  private static final int KILLED_AT = 512 << 10;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void rangesAndTheWholeAreByteExact(At at, Nodes nodes) throws Exception {
    Published file = nodes.publish(at, "curl-ranges.bin", LENGTH);
    byte[] content = file.content();

    assertThat(download(file, "-r", "1000000-3000000"))
        .isEqualTo(Arrays.copyOfRange(content, 1_000_000, 3_000_001));
    assertThat(download(file, "-r", "-100000"))
        .isEqualTo(Arrays.copyOfRange(content, LENGTH - 100_000, LENGTH));
    assertThat(download(file, "-r", "4000000-"))
        .isEqualTo(Arrays.copyOfRange(content, 4_000_000, LENGTH));
    assertThat(download(file)).isEqualTo(content);
  }

  @ParameterizedTest
  @EnumSource
  void severalRangesComeAsParts(At at, Nodes nodes) throws Exception {
    Published file = nodes.publish(at, "curl-parts.bin", LENGTH);
    Path head = directory.resolve("head");

    checkParts(
        file, head, download(file, "-D", head.toString(), "--range", "0-9,20-29"), 0, 10, 20, 30);
    checkParts(
        file,
        head,
        download(file, "-D", head.toString(), "--range", "3000000-3999999,5-1500000"),
        3_000_000,
        4_000_000,
        5,
        1_500_001);
  }

  /** Compares a multipart body with what it must be, byte for byte but for the boundary. */
  private static void checkParts(Published file, Path head, byte[] body, int... spans)
      throws IOException {
    String marker = "multipart/byteranges; boundary=";
    String type =
        Files.readAllLines(head, ISO_8859_1).stream()
            .filter(line -> line.regionMatches(true, 0, "Content-Type: ", 0, 14))
            .map(line -> line.substring(14))
            .findFirst()
            .orElseThrow();
    assertThat(type).startsWith(marker);
    String boundary = type.substring(marker.length()).replace("\"", "");
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < spans.length; i += 2) {
      byte[] part = Arrays.copyOfRange(file.content(), spans[i], spans[i + 1]);
      expected
          .append("\r\n--%s\r\nContent-Type: application/octet-stream\r\n".formatted(boundary))
          .append(
              "Content-Range: bytes %d-%d/%d\r\n\r\n".formatted(spans[i], spans[i + 1] - 1, LENGTH))
          .append(new String(part, ISO_8859_1));
    }
    expected.append("\r\n--%s--\r\n".formatted(boundary));
    assertThat(body).isEqualTo(expected.toString().getBytes(ISO_8859_1));
  }

  @ParameterizedTest
  @EnumSource
  void aKilledDownloadIsResumed(At at, Nodes nodes) throws Exception {
    Published file = nodes.publish(at, "curl-resumed.bin", LENGTH);
    Path out = directory.resolve("out");
    try (Program curl = start(out, "--limit-rate", "1M", file.uri().toString())) {
      curl.awaitBytes(out, KILLED_AT);
    }
    long begun = Files.size(out);
    assertThat(begun).isLessThan(LENGTH);

    start(out, "-C", "-", file.uri().toString()).succeed();

    assertThat(out).hasBinaryContent(file.content());
    file.awaitRequest(206, "bytes=" + begun + "-");
  }

  @ParameterizedTest
  @EnumSource
  void http2IsSpokenAtOnceOrAfterAnUpgrade(At at, Nodes nodes) throws Exception {
    Published file = nodes.publish(at, "curl-h2.bin", LENGTH);

    assertThat(download(file, "--http2", "-r", "7-2000000"))
        .isEqualTo(Arrays.copyOfRange(file.content(), 7, 2_000_001));
    assertThat(download(file, "--http2-prior-knowledge")).isEqualTo(file.content());
    await()
        .untilAsserted(
            () ->
                assertThat(file.requests())
                    .hasSize(2)
                    .allMatch(access -> access.protocol().equals("HTTP/2.0")));
  }

  private byte[] download(Published file, String... arguments) throws Exception {
    Path out = directory.resolve("out");
    Files.deleteIfExists(out);
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add(file.uri().toString());
    start(out, all.toArray(String[]::new)).succeed();
    return Files.readAllBytes(out);
  }

  private Program start(Path out, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("curl", "-sS", "--fail", "--max-time", "60", "-o", out.toString()));
    command.addAll(List.of(arguments));
    return Program.start(directory, command);
  }
}
