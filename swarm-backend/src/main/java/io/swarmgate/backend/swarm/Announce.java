package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;

/**
 * What a tracker is told of a torrent.
 *
 * @param host under which peers can connect to us: a name or an address; empty for the address that
 *     the tracker sees
 * @param port at which peers can connect to us
 * @param key stays the same while we run, so that a tracker knows us again when our address changes
 * @param uploaded bytes sent to peers
 * @param downloaded bytes received from peers
 * @param left bytes that are missing; 0 as well while nobody wants any
 * @param want how many peers are asked for
 */
public record Announce(
    InfoHash infoHash,
    PeerId peerId,
    String host,
    int port,
    int key,
    long uploaded,
    long downloaded,
    long left,
    int want,
    Event event) {

  /** Why it is told; each has its number in BEP 15. */
  public enum Event {
    /** Time has passed. */
    NONE(0),
    /** The first announce of this run. */
    STARTED(2),
    /** The last one. */
    STOPPED(3);

    private final int code;

    Event(int code) {
      this.code = code;
    }

    /** Its number in BEP 15. */
    public int code() {
      return code;
    }
  }
}
