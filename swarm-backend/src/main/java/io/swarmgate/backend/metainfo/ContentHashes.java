package io.swarmgate.backend.metainfo;

/** A content's hashes: what {@link MetainfoCodec#encode} needs. Immutable. */
public final class ContentHashes {
  private final PieceLayout layout;
  private final byte[] hashes;
  private final byte[] sha256;

  ContentHashes(PieceLayout layout, byte[] hashes, byte[] sha256) {
    this.layout = layout;
    this.hashes = hashes;
    this.sha256 = sha256;
  }

  public PieceLayout layout() {
    return layout;
  }

  /** The pieces' SHA-1s, 20 bytes each; a copy. */
  public byte[] hashes() {
    return hashes.clone();
  }

  /** The SHA-256 of the whole content, 32 bytes; a copy. */
  public byte[] sha256() {
    return sha256.clone();
  }

  /** Makes the metainfo; arguments as {@link MetainfoCodec#encode} takes them. */
  public Metainfo encode(MetainfoCodec codec, String name, byte[] secret) {
    return codec.encode(name, layout, hashes, sha256, secret);
  }
}
