package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection up to the end of the handshake, in either direction. It holds no thread, so
 * half-open peers cost a socket and a timer each. Owned by the loop.
 */
final class PendingPeer implements EventLoop.ChannelHandler {
  private static final Logger LOG = LoggerFactory.getLogger(PendingPeer.class);
  private static final long TIMEOUT_MILLIS = 10_000;

  /** What becomes of it; called on the loop. */
  interface Listener {
    /** Its handshake came; the listener takes over the channel or calls {@link #fail}. */
    void shookHands(PendingPeer peer, Handshake theirs);

    /** It failed; the channel is closed. Called once, and never after {@link #shookHands}. */
    void failed(PendingPeer peer, Exception cause);
  }

  private final SocketChannel channel;
  private final InetSocketAddress remote;
  private final @Nullable Handshake ours;
  private final Listener listener;
  private final ByteBuffer in = ByteBuffer.allocate(Handshake.SIZE);
  private final EventLoop.Timer timeout;
  private final SelectionKey key;
  private boolean done;

  /**
   * @param ours what is sent first when we dial; null if the peer dialled and speaks first
   */
  PendingPeer(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress remote,
      @Nullable Handshake ours,
      Listener listener)
      throws IOException {
    this.channel = channel;
    this.remote = remote;
    this.ours = ours;
    this.listener = listener;
    timeout =
        loop.schedule(
            TIMEOUT_MILLIS,
            () -> fail(new IOException("no handshake within " + TIMEOUT_MILLIS + " ms")));
    key =
        loop.register(channel, ours == null ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
  }

  @Override
  public void ready(SelectionKey readyKey) throws IOException {
    if (readyKey.isConnectable()) {
      channel.finishConnect();
      connected();
    } else if (readyKey.isReadable()) {
      read();
    }
  }

  /** Says our handshake and waits for theirs. */
  private void connected() throws IOException {
    if (ours != null) {
      send(ours);
    }
    key.interestOps(SelectionKey.OP_READ);
  }

  void send(Handshake handshake) throws IOException {
    ByteBuffer out = handshake.encode();
    channel.write(out);
    if (out.hasRemaining()) {
      // An empty socket buffer always takes 68 bytes.
      throw new IOException("the connection does not take a handshake");
    }
  }

  private void read() throws IOException {
    // Never beyond the handshake: what follows is the session's to read.
    if (channel.read(in) < 0) {
      throw new EOFException("closed by the peer before its handshake");
    }
    int count = in.position();
    if (count >= Handshake.PREFIX && !Handshake.isPlain(in.duplicate().flip())) {
      throw new ProtocolException("handshake: expected a plain one, got something else");
    }
    if (!in.hasRemaining()) {
      done = true;
      timeout.cancel();
      key.interestOps(0);
      listener.shookHands(this, Handshake.decode(in.flip()));
    }
  }

  @Override
  public void failed(Exception cause) {
    fail(cause);
  }

  void fail(Exception cause) {
    boolean first = !done;
    done = true;
    timeout.cancel();
    key.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("Closing the connection to {}", remote, e);
    }
    if (first) {
      listener.failed(this, cause);
    }
  }

  /** Gives the channel to a session. */
  PeerSession promote(Torrent torrent, PeerId peerId, ByteBuffer readBuffer) {
    PeerSession session =
        new PeerSession(torrent, channel, key, remote, peerId, wasDialled(), readBuffer);
    key.attach(session);
    key.interestOps(SelectionKey.OP_READ);
    return session;
  }

  boolean wasDialled() {
    return ours != null;
  }

  /** Whether a handshake for this torrent is what we can have: the one we dialled for, or any. */
  boolean expects(InfoHash infoHash) {
    return ours == null || ours.infoHash().equals(infoHash);
  }

  InetSocketAddress remote() {
    return remote;
  }
}
