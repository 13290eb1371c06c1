package io.swarmgate.backend.swarm;

import io.swarmgate.backend.swarm.bt.Bencoding;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a peer said of itself in its extension handshake (BEP 10).
 *
 * @param donthave the id under which it takes lt_donthave (BEP 54); 0 if it doesn't
 * @param requests how many requests it lets wait
 * @param port where it can be dialled, at the address it is connected from; 0 if it doesn't say
 * @param uploadOnly whether it only gives (BEP 21)
 * @param swarmgate whether it is a node like us, which helps its like
 */
record Extensions(int donthave, int requests, int port, boolean uploadOnly, boolean swarmgate) {
  /** The handshake's own id. */
  static final int HANDSHAKE = 0;

  /** The id under which we take lt_donthave. */
  static final int DONTHAVE = 1;

  /** Requests that we let wait, and that a peer which doesn't say lets wait. */
  static final int OUR_REQUESTS = 2048;

  private static final int DEFAULT_REQUESTS = 250;

  /** Longer handshakes are none: foreign clients' take a few hundred bytes. */
  private static final int MAX_LENGTH = 4 << 10;

  private static final String CLIENT = "Swarmgate";

  /** Of a peer that has not spoken, or doesn't speak the protocol. */
  static final Extensions NONE = new Extensions(0, DEFAULT_REQUESTS, 0, false, false);

  /**
   * Reads a handshake's payload. A peer may send another later, of what has changed alone.
   *
   * @return what it has said up to now
   * @throws ProtocolException if it is none
   */
  Extensions updatedBy(ByteBuffer payload) throws ProtocolException {
    if (payload.remaining() > MAX_LENGTH) {
      throw new ProtocolException(
          "extension handshake: expected at most "
              + MAX_LENGTH
              + " bytes, got "
              + payload.remaining());
    }
    byte[] encoded = new byte[payload.remaining()];
    payload.get(encoded);
    try {
      Map<String, Object> all = Bencoding.dictionary(encoded);
      Map<?, ?> ids = all.get("m") instanceof Map<?, ?> m ? m : Map.of();
      return new Extensions(
          (int) number(ids.get("lt_donthave"), 0, 255, donthave),
          (int) Math.min(number(all.get("reqq"), 1, Long.MAX_VALUE, requests), OUR_REQUESTS),
          (int) number(all.get("p"), 1, 65_535, port),
          number(all.get("upload_only"), 0, Long.MAX_VALUE, uploadOnly ? 1 : 0) != 0,
          all.get("v") instanceof String client ? client.startsWith(CLIENT) : swarmgate);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("extension handshake: " + e.getMessage());
    }
  }

  private static long number(@Nullable Object value, long min, long max, long otherwise) {
    return value instanceof Long number && number >= min && number <= max ? number : otherwise;
  }

  /**
   * Our own, as a message.
   *
   * @param port where we can be dialled
   */
  static ByteBuffer ours(int port, boolean uploadOnly) {
    String dictionary =
        "d1:md11:lt_donthavei"
            + DONTHAVE
            + "ee1:pi"
            + port
            + "e4:reqqi"
            + OUR_REQUESTS
            + "e11:upload_onlyi"
            + (uploadOnly ? 1 : 0)
            + "e1:v"
            + CLIENT.length()
            + ":"
            + CLIENT
            + "e";
    return Wire.extended(HANDSHAKE, dictionary.getBytes(StandardCharsets.US_ASCII));
  }

  /** Tells this peer that we no longer have a piece; only if it takes that. */
  ByteBuffer donthave(int piece) {
    return Wire.extended(donthave, ByteBuffer.allocate(4).putInt(piece).array());
  }
}
