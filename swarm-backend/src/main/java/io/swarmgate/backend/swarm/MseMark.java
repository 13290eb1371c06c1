package io.swarmgate.backend.swarm;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Looks for the mark that ends padding of unknown length in an MSE handshake. Takes no byte beyond
 * the mark, and holds no more than its length. Not thread-safe.
 */
final class MseMark {
  private final byte[] mark;
  private final int mostBefore;

  /** The latest bytes, as many as the mark has. */
  private final byte[] latest;

  private int count;
  private int skipped;

  /**
   * Takes what is looked for.
   *
   * @param mostBefore bytes of padding there may be before it
   */
  MseMark(byte[] mark, int mostBefore) {
    this.mark = mark;
    this.mostBefore = mostBefore;
    this.latest = new byte[mark.length];
  }

  /** How many bytes are sure to belong to the padding or the mark; 0 once it is found. */
  int wanted() {
    return mark.length - matched();
  }

  /**
   * Takes bytes, at most as many as are {@link #wanted}.
   *
   * @throws ProtocolException if there is more padding than may be
   */
  void take(ByteBuffer bytes) throws ProtocolException {
    while (bytes.hasRemaining()) {
      if (count == mark.length) {
        System.arraycopy(latest, 1, latest, 0, mark.length - 1);
        count--;
        skipped++;
        if (skipped > mostBefore) {
          throw new ProtocolException(
              "MSE: expected at most " + mostBefore + " bytes of padding, got more");
        }
      }
      latest[count++] = bytes.get();
    }
  }

  /** How much of the mark the bytes end with. */
  private int matched() {
    for (int length = count; length > 0; length--) {
      if (Arrays.equals(latest, count - length, count, mark, 0, length)) {
        return length;
      }
    }
    return 0;
  }
}
