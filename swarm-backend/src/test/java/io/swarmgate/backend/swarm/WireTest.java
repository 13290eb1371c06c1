package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WireTest {
  private static final PieceLayout LAYOUT = new PieceLayout(5L * (32 << 10) + 100, 32 << 10);

  /** Writes down what was decoded. */
  private static final class Recorder implements Wire.Handler {
    final List<String> told = new ArrayList<>();

    @Override
    public void choke() {
      told.add("choke");
    }

    @Override
    public void unchoke() {
      told.add("unchoke");
    }

    @Override
    public void interested() {
      told.add("interested");
    }

    @Override
    public void notInterested() {
      told.add("notInterested");
    }

    @Override
    public void have(int piece) {
      told.add("have " + piece);
      assertThat(piece).isBetween(0, LAYOUT.pieceCount() - 1);
    }

    @Override
    public void bitfield(BitSet pieces) {
      told.add("bitfield " + pieces);
      assertThat(pieces.length()).isLessThanOrEqualTo(LAYOUT.pieceCount());
    }

    @Override
    public void request(int piece, int offset, int length) {
      told.add("request " + piece + " " + offset + " " + length);
      assertThat((long) offset + length).isLessThanOrEqualTo(LAYOUT.length(piece));
    }

    @Override
    public void block(int piece, int offset, ByteBuffer data) {
      told.add("block " + piece + " " + offset + " " + data.remaining());
      assertThat((long) offset + data.remaining()).isLessThanOrEqualTo(LAYOUT.length(piece));
    }

    @Override
    public void cancel(int piece, int offset, int length) {
      told.add("cancel " + piece + " " + offset + " " + length);
    }

    @Override
    public void extended(int id, ByteBuffer payload) {
      told.add("extended " + id + " " + payload.remaining());
    }
  }

  @Test
  void whatIsEncodedIsDecoded() throws Exception {
    BitSet pieces = new BitSet();
    pieces.set(0);
    pieces.set(5);
    ByteBuffer wire = ByteBuffer.allocate(4096);
    wire.put(Wire.bitfield(pieces, LAYOUT));
    wire.put(Wire.keepAlive());
    wire.put(Wire.message(Wire.UNCHOKE));
    wire.put(Wire.have(3));
    Wire.putRequest(wire, Wire.REQUEST, 5, 0, 100);
    Wire.putRequest(wire, Wire.CANCEL, 1, 16384, 16384);
    Wire.putPieceHeader(wire, 2, 16384, 3);
    wire.put(new byte[] {1, 2, 3});

    assertThat(decode(wire.flip()))
        .containsExactly(
            "bitfield {0, 5}",
            "unchoke",
            "have 3",
            "request 5 0 100",
            "cancel 1 16384 16384",
            "block 2 16384 3");
  }

  @Test
  void aFrameThatIsNotWholeIsLeftForLater() throws Exception {
    ByteBuffer whole = Wire.have(2);
    for (int cut = 0; cut < whole.limit(); cut++) {
      ByteBuffer part = whole.duplicate().limit(cut);
      assertThat(decode(part)).isEmpty();
      assertThat(part.position()).isZero();
    }
  }

  @Test
  void whatIsOutsideTheTorrentIsRefused() {
    assertRefused(Wire.have(6), "piece index: expected 0 to 5, got 6");
    assertRefused(Wire.have(-1), "got -1");
    assertRefused(request(5, 0, 101), "within the 100 of piece 5");
    assertRefused(request(0, 32768, 1), "within the 32768 of piece 0");
    assertRefused(request(0, -1, 1), "at -1");
    assertRefused(request(0, 0, 0), "got 0");
    assertRefused(request(0, Integer.MAX_VALUE, Integer.MAX_VALUE), "block");
    assertRefused(ByteBuffer.allocate(4).putInt(-5).flip(), "message length");
    assertRefused(ByteBuffer.allocate(4).putInt(1 << 20).flip(), "message length");
    assertRefused(ByteBuffer.allocate(6).putInt(2).put((byte) 5).put((byte) 1).flip(), "bitfield");
    assertRefused(ByteBuffer.allocate(6).putInt(2).put((byte) 0).put((byte) 0).flip(), "message 0");
  }

  @Test
  void randomBytesNeitherEscapeNorReadOutsideTheirFrame() {
    Random random = new Random(20);
    for (int i = 0; i < 20_000; i++) {
      ByteBuffer wire = ByteBuffer.allocate(64 + random.nextInt(64));
      while (wire.remaining() >= 32) {
        int length = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(20);
        wire.putInt(length).put((byte) random.nextInt(22));
        for (int k = 1; k < Math.min(length, 20); k++) {
          wire.put((byte) (random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(8)));
        }
      }
      wire.flip();
      int limit = wire.limit();
      try {
        decode(wire);
        assertThat(wire.limit()).isEqualTo(limit);
      } catch (ProtocolException e) {
        assertThat(e).hasMessageContaining("expected");
      }
    }
  }

  private static List<String> decode(ByteBuffer wire) throws ProtocolException {
    Recorder recorder = new Recorder();
    Wire.decode(wire, LAYOUT, recorder);
    return recorder.told;
  }

  private static ByteBuffer request(int piece, int offset, int length) {
    ByteBuffer wire = ByteBuffer.allocate(Wire.REQUEST_SIZE);
    Wire.putRequest(wire, Wire.REQUEST, piece, offset, length);
    return wire.flip();
  }

  private static void assertRefused(ByteBuffer wire, String message) {
    assertThatThrownBy(() -> decode(wire))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining(message);
  }
}
