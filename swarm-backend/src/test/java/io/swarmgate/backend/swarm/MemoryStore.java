package io.swarmgate.backend.swarm;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A store in memory that counts what was written to it. */
final class MemoryStore implements PieceStore {
  private final Metainfo metainfo;
  private final byte[] content;
  private final BitSet have = new BitSet();
  private EvictionListener listener = pieces -> {};
  private boolean original;
  int writes;

  /** What slices are said to wait for. */
  volatile Disk disk = new Disk() {};

  /** A disk that is always quick, unless it is told otherwise. */
  interface Disk {
    default boolean isResident(long position) {
      return true;
    }

    default void load(long position) {}

    /** Called where bytes are had at once, not ahead. */
    default void read(long position) {}

    default void closed(long position) {}
  }

  MemoryStore(Metainfo metainfo) {
    this.metainfo = metainfo;
    content = new byte[(int) metainfo.layout().length()];
  }

  static MemoryStore full(Metainfo metainfo, byte[] content) {
    MemoryStore store = new MemoryStore(metainfo);
    System.arraycopy(content, 0, store.content, 0, content.length);
    store.have.set(0, metainfo.layout().pieceCount());
    return store;
  }

  /** What a publisher has. */
  static MemoryStore original(Metainfo metainfo, byte[] content) {
    MemoryStore store = full(metainfo, content);
    store.original = true;
    return store;
  }

  /** Loses a piece, and tells. */
  void evict(int piece) {
    BitSet lost = new BitSet();
    lost.set(piece);
    synchronized (this) {
      have.clear(piece);
    }
    listener.evicted(lost);
  }

  @Override
  public boolean isOriginal() {
    return original;
  }

  @Override
  public Metainfo metainfo() {
    return metainfo;
  }

  @Override
  public synchronized boolean has(int piece) {
    return have.get(piece);
  }

  @Override
  public synchronized BitSet pieces() {
    return (BitSet) have.clone();
  }

  @Override
  public boolean isUnverified(int piece) {
    return false;
  }

  @Override
  public boolean verify(int piece) {
    return false;
  }

  @Override
  public synchronized void write(int piece, ByteBuffer data) throws IOException {
    PieceLayout layout = metainfo.layout();
    data.get(data.position(), content, (int) layout.start(piece), layout.length(piece));
    have.set(piece);
    writes++;
  }

  @Override
  public @Nullable Slice slice(long position, int max) {
    disk.read(position);
    return ahead(position, max);
  }

  @Override
  public synchronized @Nullable Slice ahead(long position, int max) {
    PieceLayout layout = metainfo.layout();
    int piece = layout.pieceAt(position);
    if (!have.get(piece)) {
      return null;
    }
    int length = (int) Math.min(max, layout.span(piece).end() - position);
    ByteBuffer bytes = ByteBuffer.wrap(content, (int) position, length).slice();
    return new Slice() {
      @Override
      public ByteBuffer buffer() {
        return bytes;
      }

      @Override
      public boolean isResident() {
        return disk.isResident(position);
      }

      @Override
      public void load() {
        disk.load(position);
      }

      @Override
      public void close() {
        disk.closed(position);
      }
    };
  }

  @Override
  public void onEvicted(EvictionListener listener) {
    this.listener = listener;
  }

  @Override
  public void close() {}
}
