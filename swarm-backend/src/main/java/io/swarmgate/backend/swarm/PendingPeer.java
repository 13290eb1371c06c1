package io.swarmgate.backend.swarm;

import io.swarmgate.backend.config.Encryption;
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
 * A connection up to the end of the handshake, in either direction, obfuscated or not. It holds no
 * thread, so half-open peers cost a socket and a timer each; keys are computed on a pool, and
 * nothing is read meanwhile. Owned by the loop.
 */
final class PendingPeer implements EventLoop.ChannelHandler {
  private static final Logger LOG = LoggerFactory.getLogger(PendingPeer.class);
  private static final long TIMEOUT_MILLIS = 10_000;

  /** Time for the obfuscated attempt where a plain one may follow. */
  private static final long FIRST_TRY_MILLIS = 4_000;

  /** What becomes of it; called on the loop. */
  interface Listener {
    /** Its handshake came; the listener takes over the channel or calls {@link #fail}. */
    void shookHands(PendingPeer peer, Handshake theirs);

    /** It failed; the channel is closed. Called once, and never after {@link #shookHands}. */
    void failed(PendingPeer peer, Exception cause);
  }

  private final EventLoop loop;
  private final SocketChannel channel;
  private final InetSocketAddress remote;
  private final @Nullable Handshake ours;
  private final Obfuscation obfuscation;
  private final Listener listener;
  private final ByteBuffer in = ByteBuffer.allocate(Handshake.SIZE);
  private final EventLoop.Timer timeout;
  private final SelectionKey key;
  private @Nullable MseHandshake mse;
  private @Nullable WireCipher cipher;
  private boolean mayFallBack;
  private boolean obfuscated;
  private boolean done;

  private PendingPeer(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress remote,
      @Nullable Handshake ours,
      @Nullable MseHandshake mse,
      Obfuscation obfuscation,
      Listener listener)
      throws IOException {
    this.loop = loop;
    this.channel = channel;
    this.remote = remote;
    this.ours = ours;
    this.mse = mse;
    this.obfuscation = obfuscation;
    this.listener = listener;
    long millis =
        mse != null && obfuscation.policy() == Encryption.PREFER
            ? FIRST_TRY_MILLIS
            : TIMEOUT_MILLIS;
    timeout =
        loop.schedule(millis, () -> fail(new IOException("no handshake within " + millis + " ms")));
    key =
        loop.register(channel, ours == null ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
  }

  /** A peer that dialled us and speaks first. */
  static PendingPeer accepted(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress remote,
      Obfuscation obfuscation,
      Listener listener)
      throws IOException {
    return new PendingPeer(loop, channel, remote, null, null, obfuscation, listener);
  }

  /**
   * A peer that we dial.
   *
   * @param ours what we say first
   * @param plain whether to say it in plaintext whatever is preferred
   */
  static PendingPeer dialled(
      EventLoop loop,
      SocketChannel channel,
      InetSocketAddress remote,
      Handshake ours,
      boolean plain,
      Obfuscation obfuscation,
      Listener listener)
      throws IOException {
    MseHandshake mse =
        plain || obfuscation.policy() == Encryption.OFF
            ? null
            : MseHandshake.dialling(obfuscation.policy(), ours.infoHash(), ours.encode().array());
    return new PendingPeer(loop, channel, remote, ours, mse, obfuscation, listener);
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

  /** Says our handshake, or begins to obfuscate, and waits for the answer. */
  private void connected() throws IOException {
    key.interestOps(SelectionKey.OP_READ);
    if (mse != null) {
      mayFallBack = obfuscation.policy() == Encryption.PREFER;
      agree(mse);
    } else if (ours != null) {
      send(ours);
    }
  }

  void send(Handshake handshake) throws IOException {
    byte[] bytes = handshake.encode().array();
    if (cipher != null) {
      cipher.encrypt(bytes, 0, bytes.length);
    }
    send(ByteBuffer.wrap(bytes));
  }

  private void send(ByteBuffer out) throws IOException {
    channel.write(out);
    if (out.hasRemaining()) {
      // An empty socket buffer always takes the thousand bytes or so of a handshake.
      throw new IOException("the connection does not take a handshake");
    }
  }

  private void read() throws IOException {
    if (mse != null) {
      readObfuscated(mse);
      return;
    }
    // Never beyond the handshake: what follows is the session's to read.
    int count = receive(in);
    if (cipher != null) {
      cipher.decryptLast(in, count);
    }
    boolean dialled = ours != null;
    if (in.position() >= Handshake.PREFIX && !Handshake.isPlain(in.duplicate().flip())) {
      if (dialled || obfuscated || obfuscation.policy() == Encryption.OFF) {
        throw new ProtocolException("handshake: expected a plain one, got something else");
      }
      mse = MseHandshake.accepting(obfuscation.policy(), obfuscation.torrents());
      mse.receive(in.flip());
      in.clear();
      readObfuscated(mse);
      return;
    }
    if (in.position() >= Handshake.PREFIX
        && !dialled
        && !obfuscated
        && obfuscation.policy() == Encryption.REQUIRE) {
      throw new ProtocolException("handshake: expected an encrypted one, got a plain one");
    }
    finishIfComplete();
  }

  private int receive(ByteBuffer buffer) throws IOException {
    int count = channel.read(buffer);
    if (count < 0) {
      throw new EOFException("closed by the peer before its handshake");
    }
    return count;
  }

  private void readObfuscated(MseHandshake handshake) throws IOException {
    while (handshake.wanted() > 0) {
      ByteBuffer bytes = ByteBuffer.allocate(handshake.wanted());
      if (receive(bytes) == 0) {
        return;
      }
      handshake.receive(bytes.flip());
    }
    switch (handshake.state()) {
      case AGREE -> agree(handshake);
      case DONE -> obfuscated(handshake);
      default -> throw new IllegalStateException("nothing is wanted in " + handshake.state());
    }
  }

  /** Computes keys on the pool; the connection isn't read until they are there. */
  private void agree(MseHandshake handshake) {
    key.interestOps(0);
    obfuscation
        .pool()
        .execute(
            () -> {
              try {
                handshake.agree();
                loop.execute(() -> agreed(handshake));
              } catch (ProtocolException | RuntimeException e) {
                loop.execute(() -> fail(e));
              }
            });
  }

  private void agreed(MseHandshake handshake) {
    if (done) {
      // It timed out meanwhile.
      return;
    }
    try {
      send(handshake.toSend());
      key.interestOps(SelectionKey.OP_READ);
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  /** What follows is a handshake as ever, of which the dialler's may have come already. */
  private void obfuscated(MseHandshake handshake) throws IOException {
    mse = null;
    mayFallBack = false;
    obfuscated = true;
    cipher = handshake.cipher();
    ByteBuffer answer = handshake.toSend();
    if (answer.hasRemaining()) {
      send(answer);
    }
    in.put(handshake.payload());
    finishIfComplete();
  }

  private void finishIfComplete() throws IOException {
    if (!in.hasRemaining()) {
      Handshake theirs = Handshake.decode(in.flip());
      done = true;
      timeout.cancel();
      key.interestOps(0);
      listener.shookHands(this, theirs);
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
    PeerConnection connection = new PeerConnection(channel, key, remote, cipher, readBuffer);
    PeerSession session = new PeerSession(torrent, connection, peerId, wasDialled());
    key.attach(session);
    key.interestOps(SelectionKey.OP_READ);
    return session;
  }

  /** Whether it failed in a way that may be the obfuscation's fault, so that plaintext is tried. */
  boolean mayFallBack() {
    return mayFallBack;
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
