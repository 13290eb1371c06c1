package io.swarmgate.backend.origin;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.Incoming;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.util.BitSet;
import java.util.Set;

/** What an edge asks of its piece store. Blocks on the disk; thread-safe. */
public interface EdgeFiles {
  /** Opens a torrent's pieces; none to begin with, if it isn't there. */
  PieceStore open(Metainfo metainfo) throws IOException;

  /** Whether a torrent was opened before, in this run or an earlier one, and not deleted. */
  boolean has(InfoHash infoHash);

  /** A torrent's verified pieces, open or not; a copy, empty if it isn't there. Doesn't block. */
  BitSet pieces(InfoHash infoHash);

  /** The torrents of which pieces are there. */
  Set<InfoHash> withPieces();

  /**
   * The metainfo of a torrent that was opened before, in this run or an earlier one.
   *
   * @throws IOException if the torrent isn't there
   */
  Metainfo metainfo(InfoHash infoHash) throws IOException;

  /**
   * Begins to take in a file whose metainfo isn't known yet.
   *
   * @throws IOException if there is no room for all of it, or the disk fails
   */
  Incoming receive(PieceLayout layout) throws IOException;

  /** Deletes a torrent, if it is there. */
  void delete(InfoHash infoHash) throws IOException;
}
