package io.swarmgate.test.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of somebody else's, run to its end or stopped in the middle. */
public final class Program implements AutoCloseable {
  /** How long any may take. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final String name;
  private final Process process;
  private final Path output;

  private Program(String name, Process process, Path output) {
    this.name = name;
    this.process = process;
    this.output = output;
  }

  /**
   * Starts a program that knows no settings of this machine's user, nor a proxy.
   *
   * @param directory its own, where it is started and its output is kept
   * @throws AssertionError if it isn't installed
   */
  public static Program start(Path directory, List<String> command) throws IOException {
    String name = command.get(0);
    Path output = Files.createTempFile(directory, Path.of(name).getFileName().toString(), ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(key -> key.toLowerCase(java.util.Locale.ROOT).endsWith("_proxy"));
    environment.put("HOME", directory.toString());
    environment.put("TMPDIR", directory.toString());
    environment.put("LC_ALL", "C.UTF-8");
    try {
      return new Program(name, builder.start(), output);
    } catch (IOException e) {
      throw new AssertionError(name + " can't be run; src/test/verify installs it", e);
    }
  }

  public static Program start(Path directory, String... command) throws IOException {
    return start(directory, List.of(command));
  }

  /** Runs a program that has to succeed, and returns what it said. */
  public static String run(Path directory, List<String> command)
      throws IOException, InterruptedException {
    try (Program program = start(directory, command)) {
      return program.succeed();
    }
  }

  public static String run(Path directory, String... command)
      throws IOException, InterruptedException {
    return run(directory, List.of(command));
  }

  /** Waits until it has ended well, and returns what it said. */
  public String succeed() throws IOException, InterruptedException {
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(this::output).isTrue();
    assertThat(process.exitValue()).as(this::output).isZero();
    return output();
  }

  /** Waits until a file it writes has so many bytes; fails if it ends before. */
  public void awaitBytes(Path file, long bytes) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> size(file) >= bytes || !process.isAlive());
    assertThat(process.isAlive()).as(this::output).isTrue();
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  /** Tells it, and what it has started, to end (SIGTERM), and waits until they have. */
  public void terminate() {
    List<ProcessHandle> all = all();
    all.forEach(ProcessHandle::destroy);
    all.forEach(Program::awaitEnd);
  }

  /** Kills it and what it has started. */
  @Override
  public void close() {
    List<ProcessHandle> all = all();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(Program::awaitEnd);
  }

  private List<ProcessHandle> all() {
    return java.util.stream.Stream.concat(
            process.descendants(), java.util.stream.Stream.of(process.toHandle()))
        .toList();
  }

  private static void awaitEnd(ProcessHandle handle) {
    handle.onExit().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  private String output() {
    try {
      return Files.readString(output, UTF_8);
    } catch (IOException e) {
      return name + ": (no output: " + e + ")";
    }
  }
}
