package io.swarmgate.backend.store;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.system.AtomicFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A store's directory, locked against other processes, its format checked. */
final class StoreDirectory implements Closeable {
  private static final String FORMAT = "swarmgate store, format 1";
  private static final String LOCK_FILE = "lock";
  private static final String FORMAT_FILE = "format";
  private static final Set<String> OWN = Set.of(LOCK_FILE, FORMAT_FILE, FORMAT_FILE + ".new");
  private static final int MAX_PID = 32;
  private static final String INCOMING = "incoming-";

  private final Path path;
  private final FileChannel lock;

  private StoreDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Locks a directory, which is made if need be.
   *
   * @throws IOException if another process has it locked, or it is no store of this format, with
   *     what was expected and what came
   */
  static StoreDirectory open(Path path) throws IOException {
    Files.createDirectories(path);
    requireOwn(path);
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK_FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      if (tryLock(channel) == null) {
        throw new IOException(
            "store "
                + path
                + ": expected to be its only process, but "
                + holder(channel)
                + " has locked it; give each node a store of its own");
      }
      String pid = Long.toString(ProcessHandle.current().pid());
      channel.truncate(0).write(StandardCharsets.US_ASCII.encode(pid), 0);
      requireFormat(path);
      locked = true;
      return new StoreDirectory(path, channel);
    } finally {
      if (!locked) {
        Quietly.close(channel);
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer pid = ByteBuffer.allocate(MAX_PID);
    channel.read(pid, 0);
    String text = StandardCharsets.US_ASCII.decode(pid.flip()).toString();
    return text.isEmpty() ? "another process" : "process " + text;
  }

  /** A directory of somebody else's is not ours to fill, nor to evict from. */
  private static void requireOwn(Path path) throws IOException {
    if (Files.exists(path.resolve(FORMAT_FILE))) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        if (!OWN.contains(file.getFileName().toString())) {
          throw new IOException(
              "store " + path + ": expected an empty directory or a store, got one with " + file);
        }
      }
    }
  }

  private static void requireFormat(Path path) throws IOException {
    Path file = path.resolve(FORMAT_FILE);
    if (!Files.exists(file)) {
      AtomicFile.write(file, FORMAT.getBytes(StandardCharsets.US_ASCII));
    }
    String format = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    if (!format.equals(FORMAT)) {
      throw new IOException(
          "store " + path + ": expected \"" + FORMAT + "\", got \"" + format + "\"");
    }
  }

  /** The torrents that have a directory here, finished or not. */
  Map<InfoHash, TorrentDirectory> torrents() throws IOException {
    Map<InfoHash, TorrentDirectory> found = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.length() == 2 * InfoHash.LENGTH && Files.isDirectory(file)) {
          found.put(InfoHash.parse(name), new TorrentDirectory(file));
        }
      }
    }
    return found;
  }

  /** A place for a file whose metainfo isn't known yet. */
  TorrentDirectory incoming(int number) {
    return new TorrentDirectory(path.resolve(INCOMING + number));
  }

  /** Deletes what was on its way in when an earlier process ended: nobody can tell what it is. */
  void deleteIncoming() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path, INCOMING + "*")) {
      for (Path file : files) {
        new TorrentDirectory(file).delete();
      }
    }
  }

  TorrentDirectory torrent(InfoHash infoHash) {
    return TorrentDirectory.of(path, infoHash);
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /** Unlocks it. */
  @Override
  public void close() {
    Quietly.close(lock);
  }
}
