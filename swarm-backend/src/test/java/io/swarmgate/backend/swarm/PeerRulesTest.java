package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The small rules about peers, each by itself. */
class PeerRulesTest {
  private static final InetAddress ADDRESS = InetAddress.getLoopbackAddress();

  @Test
  void bansGrowAndHitOnlyWhoOffended() {
    PeerReputation reputation = new PeerReputation();
    PeerId liar = PeerId.random();
    assertThat(reputation.ban(ADDRESS, liar, 0)).isEqualTo(Duration.ofMinutes(1));
    assertThat(reputation.isBanned(ADDRESS, liar, 1)).isTrue();
    assertThat(reputation.isBanned(ADDRESS, PeerId.random(), 1)).isFalse();
    long later = Duration.ofMinutes(1).toNanos();
    assertThat(reputation.isBanned(ADDRESS, liar, later)).isFalse();
    assertThat(reputation.ban(ADDRESS, liar, later)).isEqualTo(Duration.ofMinutes(4));
    assertThat(reputation.ban(ADDRESS, liar, later)).isEqualTo(Duration.ofMinutes(4));
    assertThat(reputation.ban(ADDRESS, liar, 6 * later)).isEqualTo(Duration.ofMinutes(16));
  }

  @Test
  void anAddressThatKeepsChangingItsIdIsBannedAsAWhole() {
    PeerReputation reputation = new PeerReputation();
    for (int i = 0; i < 16; i++) {
      assertThat(reputation.isBanned(ADDRESS, 1)).isFalse();
      reputation.ban(ADDRESS, PeerId.random(), 0);
    }
    assertThat(reputation.isBanned(ADDRESS, PeerId.random(), 1)).isTrue();
  }

  @Test
  void theUploadLimitHoldsOverTimeHoweverTurnsOverdrawIt() {
    UploadLimit limit = new UploadLimit(1_000_000, 0);
    long now = 0;
    long sent = 0;
    while (now < 10_000_000_000L) {
      if (limit.available(now) > 0) {
        limit.spend(70_000);
        sent += 70_000;
      } else {
        assertThat(limit.waitMillis(now)).isPositive();
      }
      now += 1_000_000;
    }
    assertThat(sent).isBetween(9_800_000L, 10_200_000L);
  }

  @Test
  void noLimitIsNoLimit() {
    UploadLimit limit = new UploadLimit(0, 0);
    limit.spend(Long.MAX_VALUE);
    assertThat(limit.available(1)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void ourOwnExtensionHandshakeIsReadBack() throws Exception {
    ByteBuffer message = Extensions.ours(6881, true);
    message.position(6);
    assertThat(Extensions.NONE.updatedBy(message))
        .isEqualTo(new Extensions(Extensions.DONTHAVE, Extensions.OUR_REQUESTS, 6881, true, true));
  }

  @Test
  void aForeignExtensionHandshakeIsReadAsFarAsItConcernsUs() throws Exception {
    assertThat(decode("d1:md11:lt_donthavei7e6:ut_pexi1ee1:pi6882e4:reqqi512e1:v4:LT20e"))
        .isEqualTo(new Extensions(7, 512, 6882, false, false));
    assertThat(decode("d1:md11:lt_donthavei-7ee1:pi0e4:reqqi0e11:upload_only1:xe"))
        .isEqualTo(new Extensions(0, 250, 0, false, false));
    assertThat(decode("d1:md11:lt_donthavei256ee1:pi65536e4:reqqi9999e11:upload_onlyi2ee"))
        .isEqualTo(new Extensions(0, Extensions.OUR_REQUESTS, 0, true, false));
    assertThat(decode("de")).isEqualTo(Extensions.NONE);
  }

  @Test
  void aLaterExtensionHandshakeChangesWhatItNamesAndNothingElse() throws Exception {
    Extensions first =
        decode("d1:md11:lt_donthavei7ee1:pi6882e4:reqqi512e11:upload_onlyi1e1:v9:Swarmgatee");
    assertThat(updated(first, "d1:md6:ut_pexi1eee")).isEqualTo(first);
    assertThat(updated(first, "d11:upload_onlyi0ee"))
        .isEqualTo(new Extensions(7, 512, 6882, false, true));
    // An id of 0 takes an extension back.
    assertThat(updated(first, "d1:md11:lt_donthavei0eee").donthave()).isZero();
  }

  @Test
  void whatIsNoExtensionHandshakeBreaksTheProtocol() {
    for (String bad : List.of("", "i3e", "d", "d1:m", "l".repeat(4000), "x".repeat(5000))) {
      assertThatThrownBy(() -> decode(bad)).isInstanceOf(ProtocolException.class);
    }
    String nested = "d1:m" + "d1:a".repeat(1000) + "e".repeat(1001);
    assertThatThrownBy(() -> decode(nested)).isInstanceOf(ProtocolException.class);
  }

  private static Extensions decode(String bencoded) throws ProtocolException {
    return updated(Extensions.NONE, bencoded);
  }

  private static Extensions updated(Extensions before, String bencoded) throws ProtocolException {
    return before.updatedBy(ByteBuffer.wrap(bencoded.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void theRarestPiecesAreFilledFirst() {
    FillOrder order = new FillOrder(1000, 5);
    List<Integer> next = order.next(piece -> piece % 2 == 0, piece -> piece < 900 ? 3 : 1);
    assertThat(next).hasSize(64).allMatch(piece -> piece % 2 == 0);
    assertThat(next.subList(0, 50)).allMatch(piece -> piece >= 900);
  }

  @Test
  void nodesFillInDifferentOrders() {
    List<Integer> one = new FillOrder(1000, 5).next(piece -> true, piece -> 1);
    List<Integer> two = new FillOrder(1000, 6).next(piece -> true, piece -> 1);
    assertThat(IntStream.range(0, 64).filter(i -> one.get(i).equals(two.get(i))).count())
        .isLessThan(10);
  }

  @Test
  void responseTimesBoundWhatIsLate() {
    ResponseTime time = new ResponseTime();
    assertThat(time.bound()).isZero();
    for (int i = 0; i < 100; i++) {
      time.add(i % 2 == 0 ? 10 : 14);
    }
    assertThat(time.least()).isEqualTo(10);
    assertThat(time.bound()).isBetween(14L, 40L);
  }
}
