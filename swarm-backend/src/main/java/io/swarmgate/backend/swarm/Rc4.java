package io.swarmgate.backend.swarm;

/**
 * One RC4 key stream. Not thread-safe.
 *
 * <p>Of our own, since all that peers send passes through it twice: the Java runtime's keeps its
 * two indices in fields from byte to byte, and is slower by half. Some runtimes have none at all.
 */
final class Rc4 {
  private static final int SIZE = 256;
  private static final int MASK = SIZE - 1;

  private final int[] state = new int[SIZE];
  private int at;
  private int other;

  /** Begins a stream; the key has 1 to 256 bytes. */
  Rc4(byte[] key) {
    for (int i = 0; i < SIZE; i++) {
      state[i] = i;
    }
    for (int i = 0, j = 0; i < SIZE; i++) {
      j = (j + state[i] + key[i % key.length]) & MASK;
      int swapped = state[i];
      state[i] = state[j];
      state[j] = swapped;
    }
  }

  /** Encrypts or decrypts an array's bytes in place, by the next bytes of the stream. */
  void apply(byte[] bytes, int offset, int length) {
    int[] s = state;
    int i = at;
    int j = other;
    for (int k = offset; k < offset + length; k++) {
      i = (i + 1) & MASK;
      int a = s[i];
      j = (j + a) & MASK;
      int b = s[j];
      s[i] = b;
      s[j] = a;
      bytes[k] ^= (byte) s[(a + b) & MASK];
    }
    at = i;
    other = j;
  }
}
