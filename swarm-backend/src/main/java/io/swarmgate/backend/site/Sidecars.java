package io.swarmgate.backend.site;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Small records kept on disk beside the store, each under a key of any text. A record is there
 * whole or not at all. Blocks on the disk; different keys may be used by different threads at once.
 */
public final class Sidecars {
  private static final Logger LOG = LoggerFactory.getLogger(Sidecars.class);
  private static final String ENDING = ".sidecar";

  private final Path directory;

  /** Makes the directory if need be. */
  public Sidecars(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /** The record under a key; empty if there is none or it can't be read. */
  public Optional<byte[]> read(String key) {
    return read(file(key));
  }

  /** The first bytes of the record under a key, at most so many; as {@link #read(String)}. */
  public Optional<byte[]> readHead(String key, int most) {
    try (InputStream in = Files.newInputStream(file(key))) {
      return Optional.of(in.readNBytes(most));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.warn("Could not read {}: {}", file(key), e.toString());
      return Optional.empty();
    }
  }

  /** All records, in no particular order. */
  public List<byte[]> all() throws IOException {
    List<byte[]> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + ENDING)) {
      for (Path file : files) {
        read(file).ifPresent(all::add);
      }
    }
    return all;
  }

  private static Optional<byte[]> read(Path file) {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.warn("Could not read {}: {}", file, e.toString());
      return Optional.empty();
    }
  }

  /**
   * Puts a record in place of the one before. Trouble is logged: it costs work, nothing else.
   *
   * @return whether it is there now
   */
  public boolean write(String key, byte[] content) {
    Path file = file(key);
    try {
      Path half = Files.createTempFile(directory, "new", ".tmp");
      try {
        Files.write(half, content);
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(half);
      }
      return true;
    } catch (IOException e) {
      LOG.warn("Could not write {}: {}", file, e.toString());
      return false;
    }
  }

  /** Removes a record, if it is there. */
  public void delete(String key) {
    try {
      Files.deleteIfExists(file(key));
    } catch (IOException e) {
      LOG.warn("Could not delete {}: {}", file(key), e.toString());
    }
  }

  private Path file(String key) {
    return directory.resolve(HexDigests.sha256(key) + ENDING);
  }
}
