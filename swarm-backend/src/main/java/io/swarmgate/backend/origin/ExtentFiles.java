package io.swarmgate.backend.origin;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.store.Incoming;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.util.BitSet;
import java.util.Set;

/** An edge's files in a node's extent store. */
public record ExtentFiles(ExtentStore store) implements EdgeFiles {
  @Override
  public PieceStore open(Metainfo metainfo) throws IOException {
    return store.open(metainfo);
  }

  @Override
  public boolean has(InfoHash infoHash) {
    return store.has(infoHash);
  }

  @Override
  public BitSet pieces(InfoHash infoHash) {
    return store.pieces(infoHash);
  }

  @Override
  public Set<InfoHash> withPieces() {
    return store.withPieces();
  }

  @Override
  public Metainfo metainfo(InfoHash infoHash) throws IOException {
    return store.metainfo(infoHash);
  }

  @Override
  public Incoming receive(PieceLayout layout) throws IOException {
    return store.receive(layout);
  }

  @Override
  public void delete(InfoHash infoHash) throws IOException {
    store.delete(infoHash);
  }
}
