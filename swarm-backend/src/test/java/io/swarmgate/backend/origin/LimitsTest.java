package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.testing.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What keeps an origin from being asked too much, and says who is too slow. */
class LimitsTest {
  @Test
  void soManyAreUnderWayAndTheOthersWaitInOrder() {
    Turns turns = new Turns(2);
    List<CompletableFuture<String>> works = new ArrayList<>();
    List<Integer> begun = new ArrayList<>();
    List<CompletableFuture<String>> results = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int number = i;
      CompletableFuture<String> work = new CompletableFuture<>();
      works.add(work);
      results.add(
          turns
              .during(
                  () -> {
                    begun.add(number);
                    return work;
                  })
              .toCompletableFuture());
    }
    assertThat(begun).containsExactly(0, 1);
    assertThat(turns.isFree()).isFalse();
    works.get(1).complete("one");
    assertThat(begun).containsExactly(0, 1, 2);
    works.get(2).completeExceptionally(new IllegalStateException("two"));
    assertThat(begun).containsExactly(0, 1, 2, 3);
    works.get(0).complete("zero");
    works.get(3).complete("three");
    assertThat(results.get(1).join()).isEqualTo("one");
    assertThat(results.get(2)).isCompletedExceptionally();
    assertThat(turns.isFree()).isTrue();
  }

  @Test
  void whatFailsBeforeItBeginsKeepsNobodysTurn() {
    Turns turns = new Turns(1);
    assertThat(
            turns
                .<String>during(
                    () -> {
                      throw new IllegalArgumentException();
                    })
                .toCompletableFuture())
        .isCompletedExceptionally();
    assertThat(turns.isFree()).isTrue();
  }

  @Test
  void pausesGrowToABoundAndDiffer() {
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    assertThat(backoff.pause(1, 0)).isEqualTo(Duration.ofMillis(50));
    assertThat(backoff.pause(1, 0.5)).isEqualTo(Duration.ofMillis(100));
    assertThat(backoff.pause(3, 0.5)).isEqualTo(Duration.ofMillis(400));
    assertThat(backoff.pause(5, 0.5)).isEqualTo(Duration.ofSeconds(1));
    assertThat(backoff.pause(1000, 0.99)).isLessThan(Duration.ofMillis(1500));
  }

  @Test
  void aSwarmIsSlowThatLosesNearlyEveryRaceOfTheLastMinute() {
    TestClock clock = new TestClock();
    Races races = new Races(clock);
    for (int i = 0; i < 7; i++) {
      races.ended(true);
      assertThat(races.isSwarmSlow()).isFalse();
    }
    races.ended(false);
    assertThat(races.isSwarmSlow()).isTrue();
    races.ended(false);
    races.ended(false);
    assertThat(races.isSwarmSlow()).isFalse();
    for (int i = 0; i < 8; i++) {
      races.ended(true);
    }
    assertThat(races.isSwarmSlow()).isTrue();
    clock.advance(Duration.ofSeconds(61));
    assertThat(races.isSwarmSlow()).isFalse();
    races.ended(true);
    assertThat(races.isSwarmSlow()).isFalse();
  }
}
