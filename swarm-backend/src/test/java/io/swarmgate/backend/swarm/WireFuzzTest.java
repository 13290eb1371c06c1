package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Streams of valid messages with some bytes changed, in splits of any size, as a session decodes
 * them. Seeded; {@code -Dswarmgate.fuzz.messages=1000000} makes it longer.
 */
class WireFuzzTest {
  private static final PieceLayout LAYOUT = new PieceLayout(77L * (32 << 10) + 100, 32 << 10);
  private static final int MESSAGES = Integer.getInteger("swarmgate.fuzz.messages", 100_000);

  private final Random random = new Random(54);

  /** Checks that nothing outside the torrent is told, and counts. */
  private static final class Checker implements Wire.Handler {
    int told;

    @Override
    public void choke() {
      told++;
    }

    @Override
    public void unchoke() {
      told++;
    }

    @Override
    public void interested() {
      told++;
    }

    @Override
    public void notInterested() {
      told++;
    }

    @Override
    public void have(int piece) {
      told++;
      assertThat(piece).isBetween(0, LAYOUT.pieceCount() - 1);
    }

    @Override
    public void bitfield(BitSet pieces) {
      told++;
      assertThat(pieces.length()).isLessThanOrEqualTo(LAYOUT.pieceCount());
    }

    @Override
    public void request(int piece, int offset, int length) {
      inside(piece, offset, length);
    }

    @Override
    public void block(int piece, int offset, ByteBuffer data) {
      inside(piece, offset, data.remaining());
    }

    private void inside(int piece, int offset, int length) {
      told++;
      assertThat(piece).isBetween(0, LAYOUT.pieceCount() - 1);
      assertThat(length).isBetween(1, Wire.MAX_BLOCK);
      assertThat((long) offset + length).isBetween(1L, (long) LAYOUT.length(piece));
    }

    @Override
    public void cancel(int piece, int offset, int length) {
      told++;
      assertThat(piece).isBetween(0, LAYOUT.pieceCount() - 1);
    }

    @Override
    public void extended(int id, ByteBuffer payload) throws ProtocolException {
      told++;
      if (id == Extensions.HANDSHAKE) {
        assertThat(Extensions.NONE.updatedBy(payload).requests())
            .isBetween(1, Extensions.OUR_REQUESTS);
      }
    }
  }

  @Test
  void damagedStreamsAreDecodedOrRefusedAndNothingElse() {
    int sent = 0;
    int refused = 0;
    Checker checker = new Checker();
    while (sent < MESSAGES) {
      ByteBuffer stream = ByteBuffer.allocate(64 << 10);
      int messages = 0;
      while (stream.remaining() > 2_000) {
        add(stream);
        messages++;
      }
      stream.flip();
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        stream.put(random.nextInt(stream.limit()), (byte) random.nextInt());
      }
      sent += messages;
      refused += isRefused(stream, checker) ? 1 : 0;
    }
    assertThat(checker.told).isGreaterThan(MESSAGES / 10);
    assertThat(refused).isPositive();
  }

  private void add(ByteBuffer stream) {
    switch (random.nextInt(9)) {
      case 0 -> stream.put(Wire.message((byte) random.nextInt(4)));
      case 1 -> stream.put(Wire.have(random.nextInt(LAYOUT.pieceCount())));
      case 2 -> stream.put(Wire.bitfield(new BitSet(), LAYOUT));
      case 3 -> Wire.putRequest(stream, Wire.REQUEST, random.nextInt(77), 0, 16 << 10);
      case 4 -> Wire.putRequest(stream, Wire.CANCEL, random.nextInt(77), 16 << 10, 16 << 10);
      case 5 -> {
        int length = 1 + random.nextInt(500);
        Wire.putPieceHeader(stream, random.nextInt(77), random.nextInt(1000), length);
        stream.position(stream.position() + length);
      }
      case 6 -> stream.put(Extensions.ours(1 + random.nextInt(65_535), random.nextBoolean()));
      case 7 -> stream.put(Wire.keepAlive());
      default ->
          stream.putInt(3).put((byte) random.nextInt()).put((byte) random.nextInt()).put((byte) 0);
    }
  }

  /** Feeds a stream in splits; returns whether some message of it was refused. */
  private boolean isRefused(ByteBuffer stream, Checker checker) {
    ByteBuffer in = ByteBuffer.allocate(stream.limit() + Wire.maxFrame(LAYOUT));
    try {
      while (stream.hasRemaining()) {
        int split = Math.min(stream.remaining(), 1 + random.nextInt(9_000));
        in.put(stream.slice(stream.position(), split));
        stream.position(stream.position() + split);
        in.flip();
        Wire.decode(in, LAYOUT, checker);
        in.compact();
        assertThat(in.position()).isLessThan(Wire.maxFrame(LAYOUT));
      }
      return false;
    } catch (ProtocolException e) {
      assertThat(e).hasMessageContaining("expected");
      return true;
    }
  }
}
