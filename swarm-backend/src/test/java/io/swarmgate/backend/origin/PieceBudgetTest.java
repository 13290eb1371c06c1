package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PieceBudgetTest {
  @Test
  void twoPiecesAndTwoPerCentOfWhatWasDeliveredMayBeTaken() {
    PieceBudget budget = new PieceBudget(1000);
    assertThat(budget.take(1000)).isTrue();
    assertThat(budget.take(1000)).isTrue();
    assertThat(budget.take(1)).isFalse();
    budget.delivered(49_900);
    assertThat(budget.take(1000)).isFalse();
    budget.delivered(100);
    assertThat(budget.take(1000)).isTrue();
    assertThat(budget.take(1)).isFalse();
  }
}
