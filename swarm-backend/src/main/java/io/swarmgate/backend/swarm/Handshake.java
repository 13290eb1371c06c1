package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first message each side of a connection sends (BEP 3). Reserved bits are sent as zeros: no
 * extension is spoken.
 *
 * @param peerId the sender's name for itself
 */
record Handshake(InfoHash infoHash, PeerId peerId) {
  /** Bytes on the wire. */
  static final int SIZE = 68;

  private static final byte[] PROTOCOL =
      "\u0013BitTorrent protocol".getBytes(StandardCharsets.ISO_8859_1);

  /** Length of what tells a plain handshake from anything else. */
  static final int PREFIX = PROTOCOL.length;

  /** Whether {@code in} begins, from its position, with a plain handshake's first bytes. */
  static boolean isPlain(ByteBuffer in) {
    if (in.remaining() < PREFIX) {
      return false;
    }
    for (int i = 0; i < PREFIX; i++) {
      if (in.get(in.position() + i) != PROTOCOL[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes {@link #SIZE} bytes.
   *
   * @throws ProtocolException if they are no handshake
   */
  static Handshake decode(ByteBuffer in) throws ProtocolException {
    byte[] bytes = new byte[SIZE];
    in.get(bytes);
    if (!Arrays.equals(PROTOCOL, Arrays.copyOf(bytes, PREFIX))) {
      throw new ProtocolException(
          "handshake: expected \"BitTorrent protocol\", got something else");
    }
    return new Handshake(
        InfoHash.of(Arrays.copyOfRange(bytes, 28, 48)),
        new PeerId(Arrays.copyOfRange(bytes, 48, SIZE)));
  }

  ByteBuffer encode() {
    return ByteBuffer.allocate(SIZE)
        .put(PROTOCOL)
        .putLong(0)
        .put(infoHash.bytes())
        .put(peerId.bytes())
        .flip();
  }
}
