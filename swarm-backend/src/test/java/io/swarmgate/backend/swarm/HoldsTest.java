package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HoldsTest {
  private static final long MILLI = 1_000_000;
  private static final long PIECE = 1 << 20;
  private static final long BLOCK = 16 << 10;

  private final Holds holds = new Holds();

  private static final class Receiver implements Holds.Receiver {
    double rate;
    long delay;

    @Override
    public double uploadRate() {
      return rate;
    }

    @Override
    public long haveDelay() {
      return delay;
    }
  }

  private final Receiver first = new Receiver();
  private final Receiver second = new Receiver();
  private final Receiver third = new Receiver();

  @Test
  void aPieceUnderWayToOnePeerIsHeldForTheOthers() {
    holds.sent(7, PIECE, BLOCK, first, 0);
    assertThat(holds.maySend(7, first, 0)).isTrue();
    assertThat(holds.maySend(7, second, 1_000_000 * MILLI)).isFalse();
    assertThat(holds.maySend(8, second, 0)).isTrue();
  }

  @Test
  void itIsFreeAgainSomeTimeAfterTheReceiversHave() {
    holds.sent(7, PIECE, PIECE, first, 0);
    holds.drained(7, first, 10 * MILLI);
    assertThat(holds.announced(7, first, 30 * MILLI)).isEqualTo(20 * MILLI);
    assertThat(holds.maySend(7, second, 279 * MILLI)).isFalse();
    assertThat(holds.maySend(7, second, 280 * MILLI)).isTrue();
  }

  @Test
  void aPieceThatWasCancelledAndCameOtherwiseSaysNothingOfTheReceiversDelay() {
    holds.sent(7, PIECE, BLOCK, first, 0);
    holds.drained(7, first, 10 * MILLI);
    assertThat(holds.announced(7, first, 9_000 * MILLI)).isZero();
  }

  @Test
  void aSocketThatTakesNothingEndsTheHold() {
    holds.sent(7, PIECE, BLOCK, first, 0);
    holds.refused(7, first, 10 * MILLI);
    assertThat(holds.maySend(7, second, 1_009 * MILLI)).isFalse();
    holds.sent(7, PIECE, BLOCK, first, 0);
    assertThat(holds.maySend(7, second, 1_100 * MILLI)).isFalse();
    holds.refused(7, first, 1_200 * MILLI);
    assertThat(holds.maySend(7, second, 2_200 * MILLI)).isTrue();
  }

  @Test
  void aReceiverThatNeverAnnouncesIsWaitedForAsLongAsItUsuallyTakes() {
    first.delay = 200 * MILLI;
    holds.sent(7, PIECE, PIECE, first, 0);
    holds.drained(7, first, 100 * MILLI);
    assertThat(holds.maySend(7, second, 699 * MILLI)).isFalse();
    assertThat(holds.maySend(7, second, 700 * MILLI)).isTrue();
  }

  @Test
  void noDelayMakesTheOthersWaitForEver() {
    first.delay = 60_000 * MILLI;
    holds.sent(7, PIECE, PIECE, first, 0);
    holds.drained(7, first, 100 * MILLI);
    assertThat(holds.maySend(7, second, 5_099 * MILLI)).isFalse();
    assertThat(holds.maySend(7, second, 5_100 * MILLI)).isTrue();
  }

  @Test
  void oneWaiterIsReleasedAtATime() {
    holds.sent(7, PIECE, PIECE, first, 0);
    holds.gone(first);
    assertThat(holds.maySend(7, second, 0)).isTrue();
    holds.sent(7, PIECE, BLOCK, second, 0);
    assertThat(holds.maySend(7, third, 0)).isFalse();
  }

  @Test
  void aMuchSlowerReceiverGivesWay() {
    holds.sent(7, PIECE, BLOCK, first, 0);
    first.rate = 100_000;
    second.rate = 300_000;
    assertThat(holds.maySend(7, second, 0)).isFalse();
    second.rate = 10_000_000;
    assertThat(holds.maySend(7, second, 0)).isTrue();
  }

  @Test
  void whatHasEndedIsForgotten() {
    holds.sent(7, PIECE, PIECE, first, 0);
    holds.sent(8, PIECE, BLOCK, first, 0);
    holds.announced(7, first, 1);
    holds.tidy(1_000 * MILLI);
    assertThat(holds.size()).isEqualTo(1);
  }
}
