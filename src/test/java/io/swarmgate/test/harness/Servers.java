package io.swarmgate.test.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One test's directory and servers: whatever happens, they are killed after it, and their logs are
 * shown if it failed.
 */
public final class Servers implements BeforeEachCallback, AfterEachCallback {
  private final List<JettyProcess> processes = new ArrayList<>();
  private @Nullable Path directory;

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    directory = Files.createTempDirectory("swarmgate-test");
  }

  /** The test's own directory. */
  public Path directory() {
    return Objects.requireNonNull(directory);
  }

  /** A new {@code $JETTY_BASE} of this name. */
  public JettyBase base(String name, String... moreModules)
      throws IOException, InterruptedException {
    return JettyBase.create(directory().resolve(name), moreModules);
  }

  /** Starts a server and returns at once. */
  public JettyProcess launch(JettyBase base) throws IOException {
    JettyProcess process = new JettyProcess(base);
    processes.add(process);
    return process;
  }

  /** Starts a server and waits until it serves. */
  public JettyProcess start(JettyBase base) throws IOException {
    return launch(base).awaitStarted();
  }

  /** Makes a file of random bytes, the same for the same length. */
  public byte[] file(String path, int length) throws IOException {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    Path file = directory().resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.write(file, content);
    return content;
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    processes.forEach(JettyProcess::kill);
    if (context.getExecutionException().isPresent()) {
      for (JettyProcess process : processes) {
        System.err.println("--- " + process.base().log() + "\n" + process.log());
      }
    }
    processes.clear();
    Trees.delete(directory());
  }
}
