package io.swarmgate.test.harness;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.swarmgate.backend.testing.Ports;
import io.swarmgate.test.harness.EmbeddedNode.Behind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An {@link EmbeddedNode} in a process of its own, so that its memory can be told. */
public final class NodeProcess implements AutoCloseable {
  /** Options of a JVM that lives for some seconds beside others: that way they are soonest warm. */
  public static final List<String> SHORT_LIVED =
      List.of(
          "-Xmx128m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

  private final Process process;
  private final Path log;
  private final int port;
  private final int adminPort;

  private NodeProcess(Process process, Path log, int adminPort) throws IOException {
    this.process = process;
    this.log = log;
    this.adminPort = adminPort;
    // Closed with the process.
    String line =
        new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII)).readLine();
    if (line == null) {
      throw new IOException("The server ended:\n" + log());
    }
    this.port = Integer.parseInt(line);
  }

  /**
   * Starts it and waits until it serves. It ends with this process, if not before.
   *
   * @param directory for its log
   * @param options of the JVM
   * @param sendBuffer bytes that the system may take of a response beyond what a client has
   * @param settings by NAME; paths must be absolute
   */
  public static NodeProcess start(
      Behind behind,
      Path directory,
      List<String> options,
      int sendBuffer,
      Map<String, String> settings)
      throws IOException {
    return start(List.of(), behind, directory, options, sendBuffer, settings);
  }

  /** Starts one in a network namespace, where all may connect to it. */
  public static NodeProcess startWithin(
      Namespaces namespaces,
      int index,
      Path directory,
      List<String> options,
      Map<String, String> settings)
      throws IOException {
    List<String> all = new ArrayList<>(options);
    all.add("-D" + EmbeddedNode.HOST + "=0.0.0.0");
    return start(namespaces.within(index), Behind.HANDLER, directory, all, -1, settings);
  }

  private static NodeProcess start(
      List<String> within,
      Behind behind,
      Path directory,
      List<String> options,
      int sendBuffer,
      Map<String, String> settings)
      throws IOException {
    int adminPort = Ports.free();
    List<String> command = new ArrayList<>(within);
    command.add(Install.java().toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(EmbeddedNode.class.getName(), behind.name(), "" + sendBuffer));
    command.add("adminListen=127.0.0.1:" + adminPort);
    // Tests end with responses under way.
    command.add("drainTimeout=0s");
    settings.forEach((name, value) -> command.add(name + "=" + value));
    Path log = Files.createTempFile(directory, "node", ".log");
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    try {
      return new NodeProcess(process, log, adminPort);
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  public int port() {
    return port;
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** What the admin listener says of the node. */
  public Status status() throws IOException, InterruptedException {
    return Status.of(statusUri());
  }

  /** Where the admin listener says it. */
  public URI statusUri() {
    return URI.create("http://127.0.0.1:" + adminPort + "/status");
  }

  /** All it has written. */
  public String log() throws IOException {
    return Files.readString(log, UTF_8);
  }

  /** Bytes of memory that are the process's own: all that is resident but mapped files. */
  public long memory() throws IOException {
    return statusBytes("RssAnon") + statusBytes("RssShmem");
  }

  private long statusBytes(String name) throws IOException {
    String prefix = name + ":";
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"), UTF_8)) {
      if (line.startsWith(prefix)) {
        return Long.parseLong(line.substring(prefix.length()).replace("kB", "").strip()) * 1024;
      }
    }
    throw new IOException(name + " isn't told");
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
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
