package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TallyTest {
  private static final int PIECE = 16 << 10;

  /** Five pieces, the last of 100 bytes. */
  private static final PieceLayout LAYOUT = new PieceLayout(4L * PIECE + 100, PIECE);

  @Test
  void bytesCountForWhoBroughtTheirPiece() {
    Tally tally = new Tally(LAYOUT, pieces(0, 3), piece -> piece == 1);

    tally.delivered(PIECE - 10, PIECE + 30);
    assertThat(tally.sources()).isEqualTo(new Sources(10, 20, PIECE));
    tally.delivered(3L * PIECE, PIECE + 100);
    assertThat(tally.sources()).isEqualTo(new Sources(PIECE + 10, 120, PIECE));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 0",
    "16383, 16384, 0",
    "16383, 16385, 1",
    "16384, 49152, 32768",
    "16384, 49153, 32768",
    "0, 65636, 32868",
    "65535, 65536, 0",
    "65535, 65537, 1",
    "65536, 65636, 100",
    "49151, 49152, 1",
    "49152, 49153, 0",
  })
  void whatIsHeldIsCountedToTheByte(long start, long end, long held) {
    assertThat(Tally.held(LAYOUT, pieces(1, 2, 4), new ByteSpan(start, end))).isEqualTo(held);
  }

  private static BitSet pieces(int... here) {
    BitSet pieces = new BitSet();
    for (int piece : here) {
      pieces.set(piece);
    }
    return pieces;
  }
}
