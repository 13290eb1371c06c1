package io.swarmgate.backend.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreDirectoryTest {
  @TempDir Path dir;

  @Test
  void aSecondOpenerIsRefusedAndToldWhoHasIt() throws IOException {
    ExtentStore first = TestStores.open(dir);
    assertThatThrownBy(() -> TestStores.open(dir))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(dir.toString())
        .hasMessageContaining("expected to be its only process")
        .hasMessageContaining("process " + ProcessHandle.current().pid());
    first.close();
    first.close();
    TestStores.open(dir).close();
  }

  @Test
  void anotherProcessIsRefused() throws Exception {
    try (ExtentStore store = TestStores.open(dir)) {
      Process child =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElse("java"),
                  "-Xmx64m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Opener.class.getName(),
                  dir.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(said).contains("process " + ProcessHandle.current().pid() + " has locked it");
      assertThat(child.waitFor()).isNotZero();
      assertThat(store.stored()).isEmpty();
    }
  }

  @Test
  void anotherFormatIsRefused() throws IOException {
    Files.writeString(dir.resolve("format"), "swarmgate store, format 9\n");
    assertThatThrownBy(() -> TestStores.open(dir))
        .hasMessageContaining("expected \"swarmgate store, format 1\"")
        .hasMessageContaining("got \"swarmgate store, format 9\"");
  }

  @Test
  void aDirectoryOfSomethingElseIsRefusedAndLeftAlone() throws IOException {
    Files.writeString(dir.resolve("thesis.txt"), "precious");
    assertThatThrownBy(() -> TestStores.open(dir))
        .hasMessageContaining("expected an empty directory or a store")
        .hasMessageContaining("thesis.txt");
    assertThat(dir).isDirectoryContaining(f -> f.endsWith("thesis.txt"));
    assertThat(dir.resolve("format")).doesNotExist();
  }

  @Test
  void aClosedStoreOpensNothing() throws IOException {
    ExtentStore store = TestStores.open(dir);
    store.close();
    assertThatThrownBy(() -> store.open(TestTorrent.of(1, 5).metainfo()))
        .hasMessageContaining("closed");
  }

  /** Opens a store in a process of its own. */
  static final class Opener {
    private Opener() {}

    public static void main(String[] args) throws IOException {
      TestStores.open(Path.of(args[0])).close();
    }
  }
}
