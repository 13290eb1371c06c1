package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.Digests;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A piece that failed its hash and came from several peers: who sent which block, and each block's
 * digest. Once the right piece is here, comparing the two names whoever sent a wrong block, and
 * nobody else. Immutable.
 */
final class Evidence {
  private record Sent(@Nullable BlockSource sender, byte[] digest) {}

  private final List<Sent> blocks;

  private Evidence(List<Sent> blocks) {
    this.blocks = blocks;
  }

  /** Takes the evidence of a piece that is whole. Hashes; not for the loop. */
  static Evidence of(ActivePiece piece) {
    Sent[] blocks = new Sent[piece.blockCount()];
    int offset = 0;
    for (int block = 0; block < blocks.length; block++) {
      int length = piece.blockLength(block);
      blocks[block] = new Sent(piece.sender(block), digest(piece.data, offset, length));
      offset += length;
    }
    return new Evidence(List.of(blocks));
  }

  /**
   * Who sent a block that differs from the right piece's. Hashes; not for the loop.
   *
   * @param right the whole piece, from position to limit
   * @param blockLength how long its blocks are
   */
  Set<BlockSource> culprits(ByteBuffer right, IntUnaryOperator blockLength) {
    Set<BlockSource> culprits = new LinkedHashSet<>();
    int offset = right.position();
    for (int block = 0; block < blocks.size(); block++) {
      int length = blockLength.applyAsInt(block);
      Sent sent = blocks.get(block);
      if (sent.sender != null && !Arrays.equals(sent.digest, digest(right, offset, length))) {
        culprits.add(sent.sender);
      }
      offset += length;
    }
    return culprits;
  }

  private static byte[] digest(ByteBuffer data, int offset, int length) {
    var sha1 = Digests.sha1();
    sha1.update(data.slice(offset, length));
    return sha1.digest();
  }
}
