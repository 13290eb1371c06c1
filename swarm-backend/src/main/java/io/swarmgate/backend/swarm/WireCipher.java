package io.swarmgate.backend.swarm;

import java.nio.ByteBuffer;

/**
 * The two RC4 streams of one connection under MSE. Not thread-safe. Each byte must pass exactly
 * once and in order. RC4 hides the protocol; it keeps no secret from who watches with effort.
 */
final class WireCipher {
  /** Bytes of each key stream that are thrown away first, as the specification says. */
  private static final int DROPPED = 1024;

  /** Bytes worked on at once. */
  private static final int STEP = 16 << 10;

  private final Rc4 sending;
  private final Rc4 receiving;
  private byte[] scratch = new byte[0];

  WireCipher(byte[] sendKey, byte[] receiveKey) {
    sending = rc4(sendKey);
    receiving = rc4(receiveKey);
  }

  private static Rc4 rc4(byte[] key) {
    Rc4 stream = new Rc4(key);
    stream.apply(new byte[DROPPED], 0, DROPPED);
    return stream;
  }

  /** Encrypts an array's bytes in place. */
  void encrypt(byte[] bytes, int offset, int length) {
    sending.apply(bytes, offset, length);
  }

  /** Decrypts an array's bytes in place. */
  void decrypt(byte[] bytes, int offset, int length) {
    receiving.apply(bytes, offset, length);
  }

  /** Decrypts the last {@code count} bytes before the position, in place. */
  void decryptLast(ByteBuffer buffer, int count) {
    if (scratch.length < Math.min(count, STEP)) {
      scratch = new byte[Math.min(STEP, Math.max(count, 1 << 10))];
    }
    for (int from = buffer.position() - count; from < buffer.position(); from += STEP) {
      int length = Math.min(scratch.length, Math.min(STEP, buffer.position() - from));
      buffer.get(from, scratch, 0, length);
      receiving.apply(scratch, 0, length);
      buffer.put(from, scratch, 0, length);
    }
  }
}
