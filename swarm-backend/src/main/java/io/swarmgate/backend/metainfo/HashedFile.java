package io.swarmgate.backend.metainfo;

import io.swarmgate.backend.content.FileGuard;

/**
 * A file's hashes: what {@link MetainfoCodec#encode} needs, and the guard that says which state of
 * the file they belong to. Immutable.
 */
public final class HashedFile {
  private final PieceLayout layout;
  private final byte[] hashes;
  private final byte[] sha256;
  private final FileGuard guard;

  HashedFile(PieceLayout layout, byte[] hashes, byte[] sha256, FileGuard guard) {
    this.layout = layout;
    this.hashes = hashes;
    this.sha256 = sha256;
    this.guard = guard;
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

  /** What the file looked like before and after it was hashed. */
  public FileGuard guard() {
    return guard;
  }
}
