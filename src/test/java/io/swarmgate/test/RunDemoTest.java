package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.Ports;
import io.swarmgate.test.harness.Http;
import io.swarmgate.test.harness.Install;
import io.swarmgate.test.harness.Servers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunDemoTest {
  /** Below what {@link Ports} gives to tests that run beside this one. */
  private static final int LOWEST = 10_000;

  private static final int HIGHEST = 14_000;

  @RegisterExtension final Servers servers = new Servers();

  @Test
  void itServesADirectoryFromEveryNodeAndStopsThemAllOnCtrlC() throws Exception {
    byte[] content = servers.file("content/sub dir/file.bin", 3 << 20);
    int port = freeBlock(2);
    Process demo =
        start(
            "--content",
            servers.directory().resolve("content").toString(),
            "--edges",
            "1",
            "--port",
            Integer.toString(port),
            "--set",
            "maxStall=1s");
    try {
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> output().lines().anyMatch("READY"::equals) || !demo.isAlive());
      assertThat(output()).contains("http://127.0.0.1:" + port + "/", "READY");
      for (int p = port; p <= port + 1; p++) {
        URI uri = URI.create("http://127.0.0.1:" + p + "/sub%20dir/file.bin");
        assertThat(Http.get(uri).body()).isEqualTo(content);
        assertThat(listens(p + 1000)).isTrue();
        assertThat(listens(p + 2000)).isTrue();
      }
      interrupt(demo);
      assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(listens(port)).isFalse();
      assertThat(listens(port + 1)).isFalse();
    } finally {
      demo.destroy();
      demo.waitFor();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--edges",
        "--edges many",
        "--edges 51",
        "--port 0",
        "--port 65000",
        "--set maxStall",
        "--set maxStal=1s",
        "--content /nowhere/at/all",
        "--nodes 3"
      })
  void badArgumentsGetTheUsage(String arguments) throws Exception {
    assertThat(exitCode(arguments.split(" "))).isEqualTo(2);
    assertThat(output()).contains("run-demo: ", arguments.split(" ")[0], "Usage:");
  }

  @Test
  void aPortInUseIsToldBeforeAnythingStarts() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort() - 1;
      assertThat(exitCode("--edges", "1", "--port", Integer.toString(port))).isEqualTo(1);
      assertThat(output()).contains("port " + taken.getLocalPort() + " is in use");
    }
  }

  private Process start(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(Install.root().resolve("samples/run-demo").toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(outputFile().toFile())
        .start();
  }

  private int exitCode(String... arguments) throws Exception {
    Process demo = start(arguments);
    try {
      assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return demo.exitValue();
    } finally {
      demo.destroy();
    }
  }

  /** What Ctrl-C sends. */
  private static void interrupt(Process process) throws Exception {
    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor())
        .isZero();
  }

  private Path outputFile() {
    return servers.directory().resolve("demo.out");
  }

  private String output() throws IOException {
    return Files.readString(outputFile(), UTF_8);
  }

  /** A port from which on, and 1000 and 2000 above, as many are free just now. */
  private static int freeBlock(int nodes) {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      boolean free = true;
      for (int i = 0; i < nodes; i++) {
        free &= !listens(port + i) && !listens(port + 1000 + i) && !listens(port + 2000 + i);
      }
      if (free) {
        return port;
      }
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
