package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket to a peer, after the handshake: cuts what comes into messages, and encrypts and decrypts
 * if that was agreed. Owned by the loop.
 */
final class PeerConnection {
  private static final Logger LOG = LoggerFactory.getLogger(PeerConnection.class);

  /** Bytes read or written in one turn of the loop, so that no peer keeps the others waiting. */
  static final int TURN = 1 << 20;

  private final SocketChannel channel;
  private final SelectionKey key;
  private final InetSocketAddress remote;
  private final @Nullable WireCipher cipher;
  private final ByteBuffer readBuffer;
  private final GatheringByteChannel output;

  /** The beginning of a message whose end hasn't come. */
  private byte[] partial = new byte[0];

  private boolean closed;

  /**
   * @param cipher what the connection is encrypted with; null if it is plaintext
   * @param readBuffer the loop's, shared by its connections and used only within one turn
   */
  PeerConnection(
      SocketChannel channel,
      SelectionKey key,
      InetSocketAddress remote,
      @Nullable WireCipher cipher,
      ByteBuffer readBuffer) {
    this.channel = channel;
    this.key = key;
    this.remote = remote;
    this.cipher = cipher;
    this.readBuffer = readBuffer;
    output = cipher == null ? channel : new EncryptedChannel(channel, cipher);
  }

  /**
   * Reads what has come, a turn's worth at most, and tells the handler, which may close this.
   *
   * @return whether anything has come
   * @throws ProtocolException if it is no message
   * @throws IOException if the connection fails or has ended
   */
  boolean read(PieceLayout layout, Wire.Handler handler) throws IOException {
    ByteBuffer in = readBuffer.clear().put(partial);
    int count = 0;
    int total = 0;
    do {
      count = channel.read(in);
      total += Math.max(count, 0);
      if (cipher != null && count > 0) {
        cipher.decryptLast(in, count);
      }
      in.flip();
      Wire.decode(in, layout, handler);
      if (closed) {
        return true;
      }
      in.compact();
    } while (count > 0 && total < TURN && in.position() == 0);
    in.flip();
    partial = new byte[in.remaining()];
    in.get(partial);
    if (count < 0) {
      throw new EOFException("closed by the peer");
    }
    return total > 0;
  }

  /** Where to write, in plaintext. */
  GatheringByteChannel output() {
    return output;
  }

  /** Says whether there is more to write as soon as the socket takes it. */
  void wantsToWrite(boolean more) {
    int interest = SelectionKey.OP_READ | (more ? SelectionKey.OP_WRITE : 0);
    if (key.interestOps() != interest) {
      key.interestOps(interest);
    }
  }

  boolean isOpen() {
    return !closed && key.isValid();
  }

  InetSocketAddress remote() {
    return remote;
  }

  /** Closes it; false if it was closed before. */
  boolean close() {
    if (closed) {
      return false;
    }
    closed = true;
    key.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("Closing the connection to {}", this, e);
    }
    return true;
  }

  @Override
  public String toString() {
    return remote.getAddress().getHostAddress() + ":" + remote.getPort();
  }
}
