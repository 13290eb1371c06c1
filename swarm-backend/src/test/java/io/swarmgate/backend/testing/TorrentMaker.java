package io.swarmgate.backend.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;

/** Makes .torrent files as other programs do: without salt, SHA-256 or the private flag. */
public final class TorrentMaker {
  private TorrentMaker() {}

  public static byte[] single(String name, byte[] content, int pieceLength) {
    ByteArrayOutputStream info = new ByteArrayOutputStream();
    text(info, "length");
    number(info, content.length);
    return torrent(info, name, content, pieceLength);
  }

  /** A directory; the files in the map's order. */
  public static byte[] multi(String name, Map<String, byte[]> files, int pieceLength) {
    ByteArrayOutputStream info = new ByteArrayOutputStream();
    text(info, "files");
    info.write('l');
    files.forEach(
        (path, content) -> {
          info.write('d');
          text(info, "length");
          number(info, content.length);
          text(info, "path");
          info.write('l');
          Arrays.stream(path.split("/", -1)).forEach(element -> text(info, element));
          info.writeBytes("ee".getBytes(UTF_8));
        });
    info.write('e');
    return torrent(info, name, joined(files), pieceLength);
  }

  /** The same torrent, and where its tracker is. */
  public static byte[] announced(byte[] torrent, String tracker) {
    ByteArrayOutputStream with = new ByteArrayOutputStream();
    with.write('d');
    text(with, "announce");
    text(with, tracker);
    with.write(torrent, 1, torrent.length - 1);
    return with.toByteArray();
  }

  /** The files' bytes, one after the other. */
  public static byte[] joined(Map<String, byte[]> files) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    files.values().forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static byte[] torrent(
      ByteArrayOutputStream first, String name, byte[] content, int pieceLength) {
    ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    for (int at = 0; at < content.length; at += pieceLength) {
      byte[] piece = Arrays.copyOfRange(content, at, Math.min(content.length, at + pieceLength));
      hashes.writeBytes(TestCodec.digest("SHA-1").digest(piece));
    }
    ByteArrayOutputStream torrent = new ByteArrayOutputStream();
    torrent.write('d');
    text(torrent, "info");
    torrent.write('d');
    torrent.writeBytes(first.toByteArray());
    text(torrent, "name");
    text(torrent, name);
    text(torrent, "piece length");
    number(torrent, pieceLength);
    text(torrent, "pieces");
    bytes(torrent, hashes.toByteArray());
    torrent.writeBytes("ee".getBytes(UTF_8));
    return torrent.toByteArray();
  }

  private static void number(ByteArrayOutputStream out, long number) {
    out.writeBytes(("i" + number + "e").getBytes(UTF_8));
  }

  private static void text(ByteArrayOutputStream out, String text) {
    bytes(out, text.getBytes(UTF_8));
  }

  private static void bytes(ByteArrayOutputStream out, byte[] bytes) {
    out.writeBytes((bytes.length + ":").getBytes(UTF_8));
    out.writeBytes(bytes);
  }
}
