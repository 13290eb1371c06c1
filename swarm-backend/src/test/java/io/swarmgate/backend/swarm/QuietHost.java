package io.swarmgate.backend.swarm;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** For a torrent of which only its state matters. */
final class QuietHost implements TorrentHost {
  private final UploadLimit unlimited = new UploadLimit(0, 0);

  @Override
  public void connect(Torrent torrent) {}

  @Override
  public void listens(Torrent torrent, PeerId peer, InetSocketAddress address) {}

  @Override
  public int port() {
    return 6881;
  }

  @Override
  public void ban(PeerSession peer, String offence) {}

  @Override
  public void downloaded(long bytes) {}

  @Override
  public UploadLimit uploadLimit() {
    return unlimited;
  }

  @Override
  public void connected(InetAddress address) {}

  @Override
  public void disconnected(InetAddress address) {}

  @Override
  public void limited(PeerSession peer) {}
}
