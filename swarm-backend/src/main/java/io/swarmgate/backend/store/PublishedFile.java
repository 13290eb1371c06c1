package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Metainfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * A publisher's hashed file as a piece store: every piece is here, nothing is ever written or
 * evicted, and each slice fails once the file is no longer the one that was hashed. Thread-safe.
 * Closing it lets the file's windows go.
 */
public final class PublishedFile implements PieceStore {
  private final GuardedFile file;
  private final Metainfo metainfo;

  /**
   * Takes a file and the metainfo made from it.
   *
   * @throws IllegalArgumentException if their lengths differ
   */
  public PublishedFile(GuardedFile file, Metainfo metainfo) {
    if (file.length() != metainfo.layout().length()) {
      throw new IllegalArgumentException(
          file.path()
              + ": expected "
              + metainfo.layout().length()
              + " bytes as in the metainfo, got "
              + file.length());
    }
    this.file = file;
    this.metainfo = metainfo;
  }

  /** The file under it, for readers that need no swarm. */
  public GuardedFile file() {
    return file;
  }

  @Override
  public Metainfo metainfo() {
    return metainfo;
  }

  @Override
  public boolean has(int piece) {
    return piece >= 0 && piece < metainfo.layout().pieceCount();
  }

  @Override
  public BitSet pieces() {
    BitSet all = new BitSet();
    all.set(0, metainfo.layout().pieceCount());
    return all;
  }

  @Override
  public boolean isOriginal() {
    return true;
  }

  @Override
  public boolean isUnverified(int piece) {
    return false;
  }

  @Override
  public boolean verify(int piece) {
    return has(piece);
  }

  /** Does nothing: every piece is here already. */
  @Override
  public void write(int piece, ByteBuffer data) {}

  @Override
  public Slice slice(long position, int max) throws IOException {
    return file.slice(position, max);
  }

  @Override
  public Slice ahead(long position, int max) throws IOException {
    return file.ahead(position, max);
  }

  @Override
  public Slice sealed(long position, int max) throws IOException {
    return file.copy(position, max);
  }

  /** Does nothing: nothing is ever evicted. */
  @Override
  public void onEvicted(EvictionListener listener) {}

  @Override
  public void close() {
    file.close();
  }
}
