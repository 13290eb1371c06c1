package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RequestDepthTest {
  private static final long MILLI = 1_000_000;
  private static final long START = 1_000 * MILLI;

  private final Pace pace = new Pace();
  private final PeerProfile profile = new PeerProfile(10);
  private final RequestDepth depth = new RequestDepth(pace, profile, START);
  private long now = START;

  @BeforeEach
  void ask() {
    pace.begins(now);
  }

  private void answered(long tookMillis, long gapMillis) {
    now += gapMillis * MILLI;
    pace.answered(now - tookMillis * MILLI, now);
    depth.answered(tookMillis * MILLI, PieceLayout.BLOCK, now);
  }

  /** It is a node, lets 1,000 requests wait, and perhaps only gives. */
  private void isNode(boolean uploadOnly) throws ProtocolException {
    says("d4:reqqi1000e11:upload_onlyi" + (uploadOnly ? 1 : 0) + "e1:v9:Swarmgatee");
  }

  private void says(String handshake) throws ProtocolException {
    profile.extended(ByteBuffer.wrap(handshake.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void aNewConnectionIsAskedForOneMoreWithEachBlockUntilAnswersSlowDown() {
    assertThat(depth.blocks()).isEqualTo(16);
    for (int i = 1; i <= 50; i++) {
      answered(1, 1);
    }
    assertThat(depth.blocks()).isEqualTo(66);
    answered(53, 1);
    // From now on 16, and what its rate, 78 blocks a second as far as is known, brings in 52 ms.
    assertThat(depth.blocks()).isEqualTo(20);
    answered(1, 1);
    assertThat(depth.blocks()).isEqualTo(20);
  }

  @Test
  void noMoreIsAskedThanThePeerLetsWait() throws Exception {
    says("d4:reqqi5ee");
    assertThat(depth.blocks()).isEqualTo(5);
  }

  @Test
  void aRootThatHoldsPiecesIsAskedForAllThatIsWantedAtOnce() throws Exception {
    isNode(true);
    assertThat(depth.blocks()).isEqualTo(500);
    pace.passOver(now);
    assertThat(depth.blocks()).isEqualTo(16);
  }

  @Test
  void aPeerThatWasPassedOverIsTriedWithOneBlock() throws Exception {
    isNode(false);
    pace.passOver(now);
    assertThat(depth.blocks()).isEqualTo(1);
    answered(1, 1);
    assertThat(depth.blocks()).isGreaterThan(16);
  }

  @Test
  void aSlowPeerIsAskedForWhatItBringsInTwoSecondsButForEightAtLeast() {
    for (int i = 0; i < 100; i++) {
      answered(1_000, 200);
    }
    assertThat(depth.blocks()).isEqualTo(10);
    for (int i = 0; i < 100; i++) {
      answered(10_000, 1_000);
    }
    assertThat(depth.blocks()).isEqualTo(8);
  }
}
