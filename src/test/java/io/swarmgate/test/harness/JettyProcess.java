package io.swarmgate.test.harness;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Jetty in a process of its own. */
public final class JettyProcess implements AutoCloseable {
  private static final Pattern HTTP =
      Pattern.compile("Started oejs\\.ServerConnector@[^{]*\\{[^}]*}\\{127\\.0\\.0\\.1:(\\d+)}");
  private static final Pattern ADMIN =
      Pattern.compile("Status page on (http://127\\.0\\.0\\.1:\\d+)/");
  private static final Duration START = Duration.ofSeconds(60);

  private final JettyBase base;
  private final Process process;

  JettyProcess(JettyBase base) throws IOException {
    this.base = base;
    this.process = base.launch();
  }

  public JettyBase base() {
    return base;
  }

  /** Waits until it serves, and fails if it ends instead. */
  public JettyProcess awaitStarted() {
    await()
        .atMost(START)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> log().contains("INFO :oejs.Server:main: Started ") || !process.isAlive());
    if (!process.isAlive()) {
      throw new AssertionError("The server ended:\n" + log());
    }
    return this;
  }

  /** Waits until the process has ended by itself, and returns its exit code. */
  public int awaitExit() throws InterruptedException {
    if (!process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("The server runs:\n" + log());
    }
    return process.exitValue();
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + found(HTTP) + path);
  }

  /** What the admin listener says of the node. */
  public Status status() throws IOException, InterruptedException {
    return Status.of(adminUri("/status"));
  }

  /** A path on the admin listener. */
  public URI adminUri(String path) {
    return URI.create(found(ADMIN) + path);
  }

  /** All it has written to its console. */
  public String log() {
    try {
      return Files.readString(base.log(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "(no log: " + e + ")";
    }
  }

  private String found(Pattern pattern) {
    Matcher matcher = pattern.matcher(log());
    if (!matcher.find()) {
      throw new AssertionError(pattern + " not in the log:\n" + log());
    }
    return matcher.group(1);
  }

  /** Sends it a signal, {@code TERM} for one. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Ends it at once, whatever it is doing. */
  void kill() {
    process.destroyForcibly();
    // It takes no longer than the system does.
    process.onExit().join();
  }

  /** Stops it as an operator would, and by force if that doesn't help. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
