package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.util.BitSet;
import java.util.List;

/**
 * One torrent that is awake, piece by piece, at one moment.
 *
 * @param have the pieces that are here and verified; a copy
 * @param underway those that blocks have come of, or are asked for; a copy
 * @param readers those that read it
 * @param peers those connected
 */
public record SwarmDetails(
    InfoHash infoHash,
    String name,
    PieceLayout layout,
    BitSet have,
    BitSet underway,
    List<Reader> readers,
    List<Peer> peers,
    long uploaded,
    long downloaded) {

  /**
   * One reader.
   *
   * @param position the byte of the torrent that it is at
   * @param waiting whether it waits for that byte
   */
  public record Reader(long position, boolean waiting) {}

  /**
   * One connected peer.
   *
   * @param address host:port of the connection's far end
   * @param client what program it says it is; empty if it doesn't say
   * @param dialled whether this node made the connection
   * @param root whether it sends each piece as few times as it can: a publisher, or a foreign seed
   * @param pieces how many pieces it says it has
   * @param uploaded bytes of blocks sent to it
   * @param downloaded bytes of blocks received from it
   */
  public record Peer(
      String address,
      String client,
      boolean dialled,
      boolean root,
      int pieces,
      long uploaded,
      long downloaded) {}
}
