package io.swarmgate.test.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A {@code $JETTY_BASE} with the module installed. */
public final class JettyBase {
  private final Path directory;

  private JettyBase(Path directory) {
    this.directory = directory;
  }

  /** Unpacks the zip into a new directory and adds the modules, {@code swarmgate,http} and more. */
  public static JettyBase create(Path directory, String... moreModules)
      throws IOException, InterruptedException {
    Files.createDirectories(directory);
    JettyBase base = new JettyBase(directory);
    Install.unzip(Install.zip(), directory);
    List<String> modules = new ArrayList<>(List.of("swarmgate", "http"));
    modules.addAll(List.of(moreModules));
    base.startJar("--approve-all-licenses", "--add-modules=" + String.join(",", modules));
    base.ini("http", "jetty.http.host=127.0.0.1", "jetty.http.port=0");
    base.set("adminListen", "127.0.0.1:0");
    // Tests end with responses under way.
    base.set("drainTimeout", "0s");
    base.set("peerPort", Integer.toString(Ports.free()));
    return base;
  }

  public Path directory() {
    return directory;
  }

  /** The log of the process that was started last. */
  public Path log() {
    return directory.resolve("console.log");
  }

  /** Sets a property in {@code start.d/swarmgate.ini}, in place of its earlier value. */
  public JettyBase set(String name, String value) throws IOException {
    Path ini = directory.resolve("start.d/swarmgate.ini");
    List<String> lines = new ArrayList<>(Files.readAllLines(ini, UTF_8));
    lines.removeIf(line -> line.startsWith("swarmgate." + name + "="));
    lines.add("swarmgate." + name + "=" + value);
    Files.write(ini, lines, UTF_8);
    return this;
  }

  /** Adds lines to a module's ini file. */
  public JettyBase ini(String module, String... lines) throws IOException {
    Path ini = directory.resolve("start.d/" + module + ".ini");
    Files.createDirectories(Objects.requireNonNull(ini.getParent()));
    Files.write(
        ini,
        List.of(lines),
        UTF_8,
        java.nio.file.StandardOpenOption.CREATE,
        java.nio.file.StandardOpenOption.APPEND);
    return this;
  }

  /** Runs {@code start.jar} for a task that ends by itself and returns what it said. */
  public String startJar(String... arguments) throws IOException, InterruptedException {
    File output = directory.resolve("start.out").toFile();
    Process process = launch(output, arguments);
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("start.jar " + List.of(arguments) + ":\n" + text(output));
      }
    } finally {
      process.destroyForcibly();
    }
    return text(output);
  }

  /** Starts the server; the caller stops it. */
  Process launch() throws IOException {
    return launch(log().toFile());
  }

  private Process launch(File output, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Install.java().toString(),
                "-Xmx256m",
                "-jar",
                Install.jettyHome().resolve("start.jar").toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output)
        .start();
  }

  private static String text(File file) throws IOException {
    return Files.readString(file.toPath(), UTF_8);
  }
}
