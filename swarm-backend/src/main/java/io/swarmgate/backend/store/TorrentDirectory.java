package io.swarmgate.backend.store;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.system.AtomicFile;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of one torrent in a store: {@code metainfo.torrent}, {@code pieces.map}, {@code
 * notes.properties} and the extents, {@code 000000.extent} and so on.
 */
record TorrentDirectory(Path path) {
  private static final String EXTENT = ".extent";
  private static final Pattern EXTENT_NAME = Pattern.compile("([0-9]{6,9})\\.extent");

  static TorrentDirectory of(Path store, InfoHash infoHash) {
    return new TorrentDirectory(store.resolve(infoHash.toString()));
  }

  Path metainfo() {
    return path.resolve("metainfo.torrent");
  }

  Path map() {
    return path.resolve("pieces.map");
  }

  Path notes() {
    return path.resolve("notes.properties");
  }

  Path extent(int index) {
    return path.resolve(String.format("%06d", index) + EXTENT);
  }

  /** The extent files that are there, by index, with their lengths in bytes. */
  Map<Integer, Long> extents() throws IOException {
    Map<Integer, Long> found = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        Matcher name = EXTENT_NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          found.put(Integer.parseInt(name.group(1)), Files.size(file));
        }
      }
    }
    return found;
  }

  /** What the owner noted; empty if nothing. */
  Map<String, String> readNotes() throws IOException {
    Map<String, String> found = new TreeMap<>();
    if (Files.exists(notes())) {
      Properties properties = new Properties();
      try (Reader in = Files.newBufferedReader(notes())) {
        properties.load(in);
      } catch (IllegalArgumentException e) {
        throw new IOException(notes() + ": expected a properties file", e);
      }
      properties.stringPropertyNames().forEach(k -> found.put(k, properties.getProperty(k)));
    }
    return found;
  }

  void writeNotes(Map<String, String> notes) throws IOException {
    Properties properties = new Properties();
    properties.putAll(notes);
    StringWriter out = new StringWriter();
    properties.store(out, null);
    AtomicFile.write(notes(), out.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Deletes what is there, and the directory. */
  void delete() throws IOException {
    if (Files.isDirectory(path)) {
      // The map goes first: without it nothing is claimed, whatever else is left by a crash.
      Files.deleteIfExists(map());
      try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(path);
    }
  }
}
