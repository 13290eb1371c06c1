package io.swarmgate.backend.metainfo;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a .torrent file says (BEP 3), reduced to what serving and exchanging its content needs.
 * Immutable and thread-safe.
 */
public final class Metainfo {
  /** Length of a piece's SHA-1 in bytes. */
  public static final int HASH_LENGTH = 20;

  private final InfoHash infoHash;
  private final String name;
  private final PieceLayout layout;
  private final byte[] hashes;
  private final byte[] sha256;
  private final boolean isPrivate;
  private final List<String> trackers;
  private final List<FileEntry> files;
  private final byte[] encoded;

  /**
   * One file of the torrent.
   *
   * @param path the file's path in the torrent, joined by slashes, without the torrent's own name
   * @param span where its bytes lie in the torrent's
   */
  public record FileEntry(String path, ByteSpan span) {}

  /**
   * Takes the fields as a codec found or made them.
   *
   * @param hashes the pieces' SHA-1s, 20 bytes each, as many as the layout has pieces
   * @param sha256 the content's SHA-256, empty where the info dictionary carries none
   * @param trackers announce URLs, may be empty
   * @param files the files in order; one whose path is {@code name} for a single-file torrent
   * @param encoded the bencoded .torrent file
   */
  public Metainfo(
      InfoHash infoHash,
      String name,
      PieceLayout layout,
      byte[] hashes,
      byte[] sha256,
      boolean isPrivate,
      List<String> trackers,
      List<FileEntry> files,
      byte[] encoded) {
    if (hashes.length != HASH_LENGTH * layout.pieceCount()) {
      throw new IllegalArgumentException(
          "pieces: expected "
              + HASH_LENGTH
              + " bytes for each of "
              + layout.pieceCount()
              + " pieces, got "
              + hashes.length
              + " bytes");
    }
    if (sha256.length != 0 && sha256.length != 32) {
      throw new IllegalArgumentException("sha256: expected 32 bytes, got " + sha256.length);
    }
    this.infoHash = infoHash;
    this.name = name;
    this.layout = layout;
    this.hashes = hashes.clone();
    this.sha256 = sha256.clone();
    this.isPrivate = isPrivate;
    this.trackers = List.copyOf(trackers);
    this.files = List.copyOf(files);
    this.encoded = encoded.clone();
  }

  public InfoHash infoHash() {
    return infoHash;
  }

  /** The name the torrent suggests for its file or directory. */
  public String name() {
    return name;
  }

  public PieceLayout layout() {
    return layout;
  }

  /** Whether {@code sha1}, 20 bytes, is what the metainfo promises for {@code piece}. */
  public boolean matches(int piece, byte[] sha1) {
    int from = piece * HASH_LENGTH;
    return Arrays.equals(hashes, from, from + HASH_LENGTH, sha1, 0, sha1.length);
  }

  /** The SHA-1s of some pieces, 20 bytes each; a copy. */
  public byte[] hashes(PieceSpan pieces) {
    return Arrays.copyOfRange(hashes, pieces.first() * HASH_LENGTH, pieces.end() * HASH_LENGTH);
  }

  /** The SHA-256 of the whole content, where the info dictionary carries it. */
  public Optional<byte[]> sha256() {
    return sha256.length == 0 ? Optional.empty() : Optional.of(sha256.clone());
  }

  /** Whether peers may come only from the trackers and static lists named to us (BEP 27). */
  public boolean isPrivate() {
    return isPrivate;
  }

  public List<String> trackers() {
    return trackers;
  }

  public List<FileEntry> files() {
    return files;
  }

  /**
   * Whether the torrent is one file, not a directory of files. A directory of one file that has the
   * directory's name counts as that file.
   */
  public boolean isSingleFile() {
    return files.size() == 1 && files.get(0).path().equals(name);
  }

  /** The bencoded .torrent file; a copy. */
  public byte[] encoded() {
    return encoded.clone();
  }

  @Override
  public String toString() {
    return name + " (" + infoHash + ", " + layout.length() + " bytes)";
  }
}
