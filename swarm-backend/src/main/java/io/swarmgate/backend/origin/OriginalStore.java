package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A store's pieces of a file that was taken in here, from which every other copy comes. */
record OriginalStore(PieceStore pieceStore) implements PieceStore {
  @Override
  public boolean isOriginal() {
    return true;
  }

  @Override
  public Metainfo metainfo() {
    return pieceStore.metainfo();
  }

  @Override
  public boolean has(int piece) {
    return pieceStore.has(piece);
  }

  @Override
  public BitSet pieces() {
    return pieceStore.pieces();
  }

  @Override
  public boolean isUnverified(int piece) {
    return pieceStore.isUnverified(piece);
  }

  @Override
  public boolean verify(int piece) throws IOException {
    return pieceStore.verify(piece);
  }

  @Override
  public void write(int piece, ByteBuffer data) throws IOException {
    pieceStore.write(piece, data);
  }

  @Override
  public @Nullable Slice slice(long position, int max) throws IOException {
    return pieceStore.slice(position, max);
  }

  @Override
  public @Nullable Slice ahead(long position, int max) throws IOException {
    return pieceStore.ahead(position, max);
  }

  @Override
  public @Nullable Slice sealed(long position, int max) throws IOException {
    return pieceStore.sealed(position, max);
  }

  @Override
  public void onEvicted(EvictionListener listener) {
    pieceStore.onEvicted(listener);
  }

  @Override
  public void close() {
    pieceStore.close();
  }
}
