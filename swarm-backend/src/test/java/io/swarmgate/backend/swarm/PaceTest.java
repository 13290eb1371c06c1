package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long MILLI = 1_000_000;
  private static final long START = 1_000 * MILLI;

  private final Pace pace = new Pace();

  @Test
  void aPeerIsSilentAfterASecondAndARootAfterTwo() {
    pace.begins(START);
    assertThat(pace.isSilent(false, START + 1_000 * MILLI)).isFalse();
    assertThat(pace.isSilent(false, START + 1_001 * MILLI)).isTrue();
    assertThat(pace.isSilent(true, START + 2_000 * MILLI)).isFalse();
    assertThat(pace.isSilent(true, START + 2_001 * MILLI)).isTrue();
  }

  @Test
  void whoeverTakesLongForEveryBlockMayBeSilentForLonger() {
    pace.begins(START);
    pace.answered(START, START + 900 * MILLI);
    assertThat(pace.isSilent(false, START + 3_600 * MILLI)).isFalse();
    assertThat(pace.isSilent(false, START + 3_601 * MILLI)).isTrue();
  }

  @Test
  void blocksThatComeFarApartMakeAPeerSlowUntilItHasSentNoneForAWhile() {
    pace.begins(START);
    long now = START;
    pace.answered(now - 500 * MILLI, now);
    assertThat(pace.isSlow(now)).isFalse();
    for (int i = 0; i < 50; i++) {
      now += 130 * MILLI;
      pace.answered(now - 500 * MILLI, now);
    }
    assertThat(pace.isSlow(now)).isTrue();
    assertThat(pace.isSlow(now + 4_999 * MILLI)).isTrue();
    assertThat(pace.isSlow(now + 5_000 * MILLI)).isFalse();
  }

  @Test
  void timeInWhichItWasAskedForNothingMakesNoPeerSlow() {
    pace.begins(START);
    long now = START;
    for (int i = 0; i < 50; i++) {
      now += 1_000 * MILLI;
      pace.answered(now - 10 * MILLI, now);
    }
    assertThat(pace.isSlow(now)).isFalse();
    assertThat(pace.gap()).isLessThanOrEqualTo(10.0 * MILLI);
  }

  @Test
  void whoOwesBlocksForHalfASecondIsQuietUntilTheNextThoughTheyAreTakenBack() {
    pace.begins(START);
    assertThat(pace.isQuiet(START + 500 * MILLI)).isFalse();
    assertThat(pace.isQuiet(START + 501 * MILLI)).isTrue();
    // Nothing is owed any more, and then something again.
    pace.begins(START + 510 * MILLI);
    assertThat(pace.isQuiet(START + 511 * MILLI)).isTrue();
    pace.answered(START + 510 * MILLI, START + 520 * MILLI);
    assertThat(pace.isQuiet(START + 521 * MILLI)).isFalse();
    pace.settled();
    assertThat(pace.isQuiet(START + 9_000 * MILLI)).isFalse();
  }

  @Test
  void aPeerThatIsPassedOverIsTriedAgainAndTrustedWithItsNextBlock() {
    pace.begins(START);
    pace.passOver(START);
    assertThat(pace.isPassedOver(START + 4_999 * MILLI)).isTrue();
    assertThat(pace.isPassedOver(START + 5_000 * MILLI)).isFalse();
    assertThat(pace.isOnTrial()).isTrue();
    pace.answered(START, START + 6_000 * MILLI);
    assertThat(pace.isOnTrial()).isFalse();
  }

  @Test
  void patienceIsNeverBelowAThirdOfASecond() {
    assertThat(pace.patience()).isEqualTo(300 * MILLI);
    pace.answered(START, START + MILLI);
    assertThat(pace.patience()).isEqualTo(300 * MILLI);
    pace.answered(START, START + 1_000 * MILLI);
    assertThat(pace.patience()).isGreaterThan(1_000 * MILLI);
  }
}
