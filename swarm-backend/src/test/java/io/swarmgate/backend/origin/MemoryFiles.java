package io.swarmgate.backend.origin;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.Incoming;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.testing.MemoryStore;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A piece store in memory, which outlives the edges that use it. */
final class MemoryFiles implements EdgeFiles {
  final Map<InfoHash, MemoryStore> stores = new ConcurrentHashMap<>();
  final List<InfoHash> deleted = new CopyOnWriteArrayList<>();

  /** Whether no torrent that isn't there may come. */
  volatile boolean full;

  @Override
  public PieceStore open(Metainfo metainfo) throws IOException {
    if (full && !has(metainfo.infoHash())) {
      throw new IOException("no room");
    }
    return stores.computeIfAbsent(metainfo.infoHash(), absent -> new MemoryStore(metainfo));
  }

  @Override
  public boolean has(InfoHash infoHash) {
    return stores.containsKey(infoHash);
  }

  @Override
  public BitSet pieces(InfoHash infoHash) {
    MemoryStore store = stores.get(infoHash);
    return store == null ? new BitSet() : store.pieces();
  }

  @Override
  public Set<InfoHash> withPieces() {
    return Set.copyOf(stores.keySet());
  }

  @Override
  public Metainfo metainfo(InfoHash infoHash) throws IOException {
    MemoryStore store = stores.get(infoHash);
    if (store == null) {
      throw new IOException("no " + infoHash);
    }
    return store.metainfo();
  }

  /** Has no room for any. */
  @Override
  public Incoming receive(PieceLayout layout) throws IOException {
    throw new IOException("no room");
  }

  @Override
  public void delete(InfoHash infoHash) {
    stores.remove(infoHash);
    deleted.add(infoHash);
  }
}
