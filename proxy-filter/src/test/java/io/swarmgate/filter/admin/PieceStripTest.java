package io.swarmgate.filter.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.swarm.SwarmDetails;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class PieceStripTest {
  private static final int PIECE = 16 << 10;

  @Test
  void aCellForEachPieceWhereThereIsRoom() {
    PieceStrip strip = strip(4, bits(0, 2), bits(3), new ByteSpan(0, 4L * PIECE), 10);
    assertThat(strip.cells()).isEqualTo("9090");
    assertThat(strip.underway()).containsExactly(3);
  }

  @Test
  void aCellOfManyPiecesSaysHowManyAreHere() {
    BitSet have = new BitSet();
    have.set(0, 100);
    have.set(150, 200);
    have.set(399);
    PieceStrip strip = strip(400, have, bits(250), new ByteSpan(0, 400L * PIECE), 4);
    assertThat(strip.cells()).isEqualTo("9501");
    assertThat(strip.underway()).containsExactly(2);
  }

  @Test
  void aFileInsideATorrentShowsItsOwnPiecesAlone() {
    ByteSpan file = new ByteSpan(PIECE + 1, 3L * PIECE);
    PieceStrip strip =
        PieceStrip.of(
            new PieceLayout(10L * PIECE, PIECE),
            bits(0, 2, 5),
            bits(7),
            List.of(new SwarmDetails.Reader(2L * PIECE, true), new SwarmDetails.Reader(0, false)),
            file,
            100);
    assertThat(strip.cells()).isEqualTo("09");
    assertThat(strip.underway()).isEmpty();
    assertThat(strip.readers()).containsExactly(1);
    assertThat(strip.waiting()).containsExactly(1);
  }

  @Test
  void allButALittleIsNotAll() {
    assertThat(PieceStrip.of(0.9999).cells()).isEqualTo("8");
    assertThat(PieceStrip.of(1).cells()).isEqualTo("9");
    assertThat(PieceStrip.of(0).cells()).isEqualTo("0");
  }

  private static PieceStrip strip(
      int pieces, BitSet have, BitSet underway, ByteSpan file, int most) {
    PieceLayout layout = new PieceLayout((long) pieces * PIECE, PIECE);
    return PieceStrip.of(layout, have, underway, List.of(), file, most);
  }

  private static BitSet bits(int... set) {
    BitSet bits = new BitSet();
    for (int bit : set) {
      bits.set(bit);
    }
    return bits;
  }
}
