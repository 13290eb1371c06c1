package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first message each side of a connection sends (BEP 3).
 *
 * @param peerId the sender's name for itself
 * @param extensions whether the sender speaks the extension protocol (BEP 10)
 */
record Handshake(InfoHash infoHash, PeerId peerId, boolean extensions) {
  /** Bytes on the wire. */
  static final int SIZE = 68;

  /** Where the reserved bits begin, and the one among them that stands for extensions. */
  private static final int RESERVED = 20;

  private static final int EXTENSIONS_BYTE = RESERVED + 5;
  private static final int EXTENSIONS_BIT = 0x10;

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

  /** What we say about a torrent. */
  static Handshake ours(InfoHash infoHash, PeerId ownId) {
    return new Handshake(infoHash, ownId, true);
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
        new PeerId(Arrays.copyOfRange(bytes, 48, SIZE)),
        (bytes[EXTENSIONS_BYTE] & EXTENSIONS_BIT) != 0);
  }

  ByteBuffer encode() {
    return ByteBuffer.allocate(SIZE)
        .put(PROTOCOL)
        .putLong(extensions ? (long) EXTENSIONS_BIT << 16 : 0)
        .put(infoHash.bytes())
        .put(peerId.bytes())
        .flip();
  }
}
