package io.swarmgate.backend.swarm;

import io.swarmgate.backend.observe.Observer;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** What a torrent needs of its engine; called on the loop. */
interface TorrentHost {
  /** Pieces are missing: peers that are not connected should be. */
  void connect(Torrent torrent);

  /** A peer that dialled us has said where it can be dialled itself. */
  void listens(Torrent torrent, PeerId peer, InetSocketAddress address);

  /** Where we can be dialled, as peers are told. */
  int port();

  /**
   * A peer broke the protocol or sent wrong bytes.
   *
   * @param offence what it did, for the log
   */
  void ban(PeerSession peer, String offence);

  /** Counts a block's bytes. */
  void downloaded(long bytes);

  /** Who is told what happens. */
  default Observer observer() {
    return Observer.NONE;
  }

  /** What may be sent, all torrents together. */
  UploadLimit uploadLimit();

  /** A connection has joined a torrent. */
  void connected(InetAddress address);

  /** A connection that had joined has ended. */
  void disconnected(InetAddress address);

  /** A peer waits for the upload limit; it is flushed in its turn. */
  void limited(PeerSession peer);
}
