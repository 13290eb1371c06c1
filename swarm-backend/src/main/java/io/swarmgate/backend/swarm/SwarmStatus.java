package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import java.util.List;

/**
 * One torrent at one moment.
 *
 * @param pieces how many it has in all
 * @param verified how many are here
 * @param readers open readers, but for those that were given at once all they expected
 * @param uploaded bytes of blocks sent since it woke
 * @param downloaded bytes of blocks received since it woke
 * @param peers those connected
 */
public record SwarmStatus(
    InfoHash infoHash,
    String name,
    int pieces,
    int verified,
    int readers,
    long uploaded,
    long downloaded,
    List<PeerStatus> peers) {
  /**
   * One connected peer.
   *
   * @param address host:port of the connection's far end
   * @param pieces how many pieces it says it has
   * @param uploaded bytes of blocks sent to it
   * @param downloaded bytes of blocks received from it
   * @param bringing whether it may be asked for blocks, and sends those it was asked for: not once
   *     it has been silent for half a second, or while they come more than an eighth of a second
   *     apart
   */
  public record PeerStatus(
      String address, int pieces, long uploaded, long downloaded, boolean bringing) {}
}
