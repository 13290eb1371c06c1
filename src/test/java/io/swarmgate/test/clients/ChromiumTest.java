package io.swarmgate.test.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.Access;
import io.swarmgate.test.harness.Install;
import io.swarmgate.test.harness.Nodes;
import io.swarmgate.test.harness.Nodes.At;
import io.swarmgate.test.harness.Nodes.Published;
import io.swarmgate.test.harness.Program;
import io.swarmgate.test.harness.TcpRelay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Chromium, without a window. */
@Tag("interop")
@Tag("browser")
@ExtendWith(Nodes.Shared.class)
class ChromiumTest {
  private static final int LENGTH = (6 << 20) + 12_345;

  @TempDir private static Path directory;

  private static Path movie = Path.of("");

  @BeforeAll
  static void makeMovie() throws Exception {
    movie = Movie.make(directory, "chromium");
  }

  @Test
  void aVideoPlaysAndIsSoughtToItsEnd(Nodes nodes) throws Exception {
    List<Published> files = new ArrayList<>();
    for (At at : At.values()) {
      files.add(nodes.publish(at, "watched.mp4", Files.readAllBytes(movie)));
    }

    String said = browser("play", files.stream().map(file -> file.uri().toString()));

    for (Published file : files) {
      assertThat(said)
          .contains("%s played to %d.0 s, 640 pixels wide".formatted(file.uri(), Movie.SECONDS));
      file.awaitRequest(
          access -> access.status() == 206 && start(access) > file.content().length / 2);
    }
  }

  /** It takes a response that ends too early for one to be resumed, without being told to. */
  @Test
  void aDownloadThatBreaksOffIsResumed(Nodes nodes) throws Exception {
    List<Published> files = new ArrayList<>();
    List<TcpRelay> relays = new ArrayList<>();
    Stream.Builder<String> arguments = Stream.builder();
    arguments.add(directory.toString());
    try {
      for (At at : At.values()) {
        Published file = nodes.publish(at, "downloaded.bin", LENGTH);
        TcpRelay relay = TcpRelay.to(file.uri().getPort());
        relay.cutOnceAfter(LENGTH / 2);
        relays.add(relay);
        files.add(file);
        arguments.add("http://127.0.0.1:%d%s".formatted(relay.port(), file.path()));
      }
      browser("download", arguments.build());
    } finally {
      for (TcpRelay relay : relays) {
        relay.close();
      }
    }

    for (int i = 0; i < files.size(); i++) {
      Published file = files.get(i);
      assertThat(directory.resolve("" + (i + 1))).hasBinaryContent(file.content());
      file.awaitRequest(
          access ->
              access.status() == 206
                  && start(access) > LENGTH / 4
                  && access.ifRange().filter(tag -> tag.matches("\"[^\"]+\"")).isPresent());
    }
  }

  /** Where a request's range starts. */
  private static long start(Access access) {
    String range = access.range().orElse("bytes=0-");
    return Long.parseLong(range.substring("bytes=".length(), range.indexOf('-')));
  }

  private static String browser(String task, Stream<String> arguments) throws Exception {
    Path script = Install.root().resolve("src/test/browser/browser.mjs");
    return Program.run(
        directory, Stream.concat(Stream.of("node", script.toString(), task), arguments).toList());
  }
}
