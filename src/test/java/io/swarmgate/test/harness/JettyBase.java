package io.swarmgate.test.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.swarmgate.backend.testing.Ports;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A {@code $JETTY_BASE} with the module installed. */
public final class JettyBase {
  /** Of servers that live for some seconds: C2 takes longer for its code than that ever saves. */
  private static final List<String> SHORT_LIVED =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  /** What {@code start.jar} adds for a list of modules: always the same, so it is asked once. */
  private static final Map<List<String>, List<Added>> ADDED = new ConcurrentHashMap<>();

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
    base.add(Stream.concat(Stream.of("swarmgate", "http"), Stream.of(moreModules)).toList());
    base.ini("http", "jetty.http.host=127.0.0.1", "jetty.http.port=0");
    base.set("adminListen", "127.0.0.1:0");
    // Tests end with responses under way.
    base.set("drainTimeout", "0s");
    base.set("peerPort", Integer.toString(Ports.free()));
    return base;
  }

  private void add(List<String> modules) throws IOException, InterruptedException {
    List<Added> added = ADDED.get(modules);
    if (added == null) {
      ADDED.put(modules, addByStartJar(modules));
    } else {
      for (Added each : added) {
        each.write(directory);
      }
    }
  }

  private List<Added> addByStartJar(List<String> modules) throws IOException, InterruptedException {
    Set<Path> before = Set.copyOf(Trees.all(directory));
    startJar("--approve-all-licenses", "--add-modules=" + String.join(",", modules));
    List<Added> added = new ArrayList<>();
    for (Path path : Trees.all(directory)) {
      if (!before.contains(path)) {
        added.add(Added.read(directory, path));
      }
    }
    return added;
  }

  /** A file or directory that {@code start.jar} has made in a base; a directory has no content. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Added(Path path, byte @Nullable [] content) {
    static Added read(Path base, Path path) throws IOException {
      return new Added(
          base.relativize(path), Files.isDirectory(path) ? null : Files.readAllBytes(path));
    }

    void write(Path base) throws IOException {
      if (content == null) {
        Files.createDirectories(base.resolve(path));
      } else {
        Files.write(base.resolve(path), content);
      }
    }
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
    List<String> command = new ArrayList<>(List.of(Install.java().toString()));
    command.addAll(SHORT_LIVED);
    command.addAll(List.of("-jar", Install.jettyHome().resolve("start.jar").toString()));
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
