package io.swarmgate.test.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** What the build made and what it runs in. */
public final class Install {
  private Install() {}

  /** The project's root directory. */
  public static Path root() {
    return Path.of(property("root")).normalize();
  }

  /** An unpacked jetty-home. */
  public static Path jettyHome() {
    return Path.of(property("jettyHome"));
  }

  public static String version() {
    return property("version");
  }

  /** The zip that users unpack into their {@code $JETTY_BASE}. */
  public static Path zip() {
    return root().resolve("jetty-module/target/jetty-module-" + version() + "-jetty.zip");
  }

  public static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty("swarmgate.test." + name), name);
  }

  /** The names of a zip's files, without its directories. */
  public static List<String> entries(Path zip) {
    List<String> names = new ArrayList<>();
    forEachFile(zip, (entry, content) -> names.add(entry.getName()));
    return names;
  }

  /** Unpacks, over what is there. */
  public static void unzip(Path zip, Path directory) {
    forEachFile(
        zip,
        (entry, content) -> {
          Path file = directory.resolve(entry.getName()).normalize();
          if (!file.startsWith(directory)) {
            throw new IOException("outside: " + entry.getName());
          }
          Files.createDirectories(Objects.requireNonNull(file.getParent()));
          Files.copy(content, file, StandardCopyOption.REPLACE_EXISTING);
        });
  }

  private static void forEachFile(Path zip, FileAction action) {
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (!entry.isDirectory()) {
          action.accept(entry, in);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface FileAction {
    void accept(ZipEntry entry, InputStream content) throws IOException;
  }
}
