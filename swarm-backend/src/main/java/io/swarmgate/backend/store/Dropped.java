package io.swarmgate.backend.store;

import java.util.BitSet;

/**
 * An extent that was dropped; who wants to know is told once no lock is held.
 *
 * @param pieces those that were verified; not modified any more
 */
record Dropped(TorrentExtents torrent, BitSet pieces) {
  void tell() {
    if (!pieces.isEmpty()) {
      torrent.tellEvicted(pieces);
    }
  }
}
