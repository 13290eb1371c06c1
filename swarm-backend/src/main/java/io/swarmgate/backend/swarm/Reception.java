package io.swarmgate.backend.swarm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings peers, whoever dialled, from their connection over the handshake into the torrent that
 * they ask for, which is woken for them. Owned by the loop.
 */
final class Reception implements PeerPort.Visitors, PendingPeer.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Reception.class);
  private static final int READ_BUFFER = 512 << 10;

  private final EventLoop loop;
  private final Executor pool;
  private final PeerId ownId;
  private final Obfuscation obfuscation;
  private final Admission admission;
  private final KnownTorrents torrents;
  private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BUFFER);

  /**
   * @param pool wakes torrents, which reads the disk
   */
  Reception(
      EventLoop loop,
      Executor pool,
      PeerId ownId,
      Obfuscation obfuscation,
      Admission admission,
      KnownTorrents torrents) {
    this.loop = loop;
    this.pool = pool;
    this.ownId = ownId;
    this.obfuscation = obfuscation;
    this.admission = admission;
    this.torrents = torrents;
  }

  @Override
  public void arrived(SocketChannel channel) throws IOException {
    InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
    if (!admission.mayEnter(remote.getAddress())) {
      LOG.debug("Peer {} is refused", remote);
      channel.close();
      return;
    }
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    admission.entered(PendingPeer.accepted(loop, channel, remote, obfuscation, this));
  }

  @Override
  public void shookHands(PendingPeer peer, Handshake theirs) {
    admission.shaken(peer);
    Known torrent = torrents.find(theirs.infoHash());
    if (torrent == null
        || theirs.peerId().equals(ownId)
        || admission.isBanned(peer.remote().getAddress(), theirs.peerId())
        || !peer.expects(theirs.infoHash())) {
      peer.fail(new IOException("its handshake is for nothing we have: " + theirs.infoHash()));
      return;
    }
    // Opening the pieces reads the disk, so it happens on a pool.
    pool.execute(() -> wakeFor(torrent, peer, theirs));
  }

  @Override
  public void failed(PendingPeer peer, Exception cause) {
    admission.shaken(peer);
    LOG.debug("No handshake with {}: {}", peer.remote(), cause.getMessage());
  }

  private void wakeFor(Known torrent, PendingPeer peer, Handshake theirs) {
    try {
      Torrent awake = torrent.wake();
      loop.execute(() -> join(awake, peer, theirs));
    } catch (RuntimeException e) {
      LOG.warn("Torrent {} can't be opened: {}", theirs.infoHash(), e.getMessage());
      loop.execute(() -> peer.fail(e));
    }
  }

  private void join(Torrent torrent, PendingPeer peer, Handshake theirs) {
    if (torrent.isClosed()) {
      peer.fail(new IOException("the torrent was removed"));
      return;
    }
    try {
      if (!peer.wasDialled()) {
        peer.send(Handshake.ours(theirs.infoHash(), ownId));
      }
      torrent.attach(peer.promote(torrent, theirs.peerId(), readBuffer), theirs.extensions());
    } catch (IOException e) {
      peer.fail(e);
    }
  }
}
