package io.swarmgate.backend.testing;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.PieceStore;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Pieces in memory. */
public final class MemoryStore implements PieceStore {
  private final Metainfo metainfo;
  private final Map<Integer, byte[]> pieces = new ConcurrentHashMap<>();

  public MemoryStore(Metainfo metainfo) {
    this.metainfo = metainfo;
  }

  /** One that holds all of {@code content}. */
  public static MemoryStore full(Metainfo metainfo, byte[] content) {
    return allBut(-1, metainfo, content);
  }

  /** One that misses a single piece. */
  public static MemoryStore allBut(int missing, Metainfo metainfo, byte[] content) {
    MemoryStore store = new MemoryStore(metainfo);
    for (int piece = 0; piece < metainfo.layout().pieceCount(); piece++) {
      if (piece != missing) {
        int start = (int) metainfo.layout().start(piece);
        store.write(piece, ByteBuffer.wrap(content, start, metainfo.layout().length(piece)));
      }
    }
    return store;
  }

  @Override
  public Metainfo metainfo() {
    return metainfo;
  }

  @Override
  public boolean has(int piece) {
    return pieces.containsKey(piece);
  }

  @Override
  public BitSet pieces() {
    BitSet all = new BitSet();
    pieces.keySet().forEach(all::set);
    return all;
  }

  @Override
  public boolean isUnverified(int piece) {
    return false;
  }

  @Override
  public boolean verify(int piece) {
    return has(piece);
  }

  @Override
  public void write(int piece, ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    pieces.putIfAbsent(piece, bytes);
  }

  @Override
  public @Nullable Slice slice(long position, int max) {
    int piece = metainfo.layout().pieceAt(position);
    byte[] bytes = pieces.get(piece);
    if (bytes == null) {
      return null;
    }
    int from = (int) (position - metainfo.layout().start(piece));
    ByteBuffer buffer = ByteBuffer.wrap(bytes, from, Math.min(max, bytes.length - from));
    return new Slice() {
      @Override
      public ByteBuffer buffer() {
        return buffer;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void onEvicted(EvictionListener listener) {}

  @Override
  public void close() {}
}
