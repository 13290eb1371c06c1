package io.swarmgate.backend.metainfo;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;

/**
 * What is kept in memory of a torrent that nobody uses: a few bytes, where its {@link Metainfo} has
 * a hash for each piece. Immutable.
 */
public final class TorrentFacts {
  private static final int SHA256_LENGTH = 32;

  private final InfoHash infoHash;
  private final PieceLayout layout;
  private final byte[] sha256;

  private TorrentFacts(InfoHash infoHash, PieceLayout layout, byte[] sha256) {
    this.infoHash = infoHash;
    this.layout = layout;
    this.sha256 = sha256;
  }

  /** What its metainfo says. */
  public static TorrentFacts of(Metainfo metainfo) {
    return new TorrentFacts(
        metainfo.infoHash(), metainfo.layout(), metainfo.sha256().orElse(new byte[0]));
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException if it is anything else
   */
  public static TorrentFacts read(DataInput in) throws IOException {
    try {
      InfoHash infoHash = InfoHash.parse(in.readUTF());
      PieceLayout layout = new PieceLayout(in.readLong(), in.readInt());
      byte[] sha256 = new byte[in.readBoolean() ? SHA256_LENGTH : 0];
      in.readFully(sha256);
      return new TorrentFacts(infoHash, layout, sha256);
    } catch (IllegalArgumentException e) {
      throw new IOException("expected a torrent's facts, got " + e.getMessage(), e);
    }
  }

  /** Writes at most 128 bytes. */
  public void write(DataOutput out) throws IOException {
    out.writeUTF(infoHash.toString());
    out.writeLong(layout.length());
    out.writeInt(layout.pieceLength());
    out.writeBoolean(sha256.length > 0);
    out.write(sha256);
  }

  public InfoHash infoHash() {
    return infoHash;
  }

  public PieceLayout layout() {
    return layout;
  }

  /** The SHA-256 of the whole content, where the metainfo carries it; a copy. */
  public Optional<byte[]> sha256() {
    return sha256.length == 0 ? Optional.empty() : Optional.of(sha256.clone());
  }

  @Override
  public String toString() {
    return infoHash + " (" + layout.length() + " bytes)";
  }
}
