package io.swarmgate.backend.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.testing.TestClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavingsTest {
  private final TestClock clock = new TestClock();

  @TempDir Path store;

  @Test
  void whatClientsGotWithoutTheOriginSendingItIsSaved() {
    try (Savings savings = savings()) {
      savings.originSent("origin", 100);
      savings.delivered("s", Provenance.ORIGIN, 100);
      savings.delivered("s", Provenance.PEERS, 200);
      savings.delivered("s", Provenance.STORE, 100);

      assertThat(savings.ever()).isEqualTo(new Saved(400, 100));
      assertThat(savings.ever().saved()).isEqualTo(300);
      assertThat(savings.ever().ratio()).isEqualTo(0.75);
    }
  }

  @Test
  void aPublishersOwnFilesSaveNothing() {
    try (Savings savings = savings()) {
      savings.delivered("s", Provenance.CONTENT, 100);
      assertThat(savings.ever()).isEqualTo(Saved.NOTHING);
      assertThat(savings.ever().ratio()).isZero();
    }
  }

  @Test
  void moreFetchedThanDeliveredIsNoNegativeSaving() {
    assertThat(new Saved(10, 100).saved()).isZero();
    assertThat(new Saved(10, 100).ratio()).isZero();
  }

  @Test
  void todayBeginsAnewAtMidnightAndTheWeekForgetsAfterSevenDays() {
    try (Savings savings = savings()) {
      savings.delivered("s", Provenance.PEERS, 1);
      clock.advance(Duration.ofDays(1));
      assertThat(savings.ofToday()).isEqualTo(Saved.NOTHING);
      savings.delivered("s", Provenance.PEERS, 10);
      assertThat(savings.ofToday().delivered()).isEqualTo(10);
      clock.advance(Duration.ofDays(5));
      assertThat(savings.ofWeek().delivered()).isEqualTo(11);
      clock.advance(Duration.ofDays(1));
      assertThat(savings.ofWeek().delivered()).isEqualTo(10);
      clock.advance(Duration.ofDays(60));
      assertThat(savings.ofWeek()).isEqualTo(Saved.NOTHING);
      assertThat(savings.ever().delivered()).isEqualTo(11);
    }
  }

  @Test
  void aRestartKeepsIt() {
    try (Savings savings = savings()) {
      savings.delivered("s", Provenance.PEERS, 7);
      savings.originSent("origin", 3);
    }
    clock.advance(Duration.ofDays(2));
    try (Savings again = savings()) {
      // What is delivered before the file is read counts too.
      again.delivered("s", Provenance.STORE, 1);
      again.load();
      assertThat(again.ever()).isEqualTo(new Saved(8, 3));
      assertThat(again.ofToday()).isEqualTo(new Saved(1, 0));
      assertThat(again.ofWeek()).isEqualTo(new Saved(8, 3));
      assertThat(again.since()).isEqualTo(clock.instant().minus(Duration.ofDays(2)));
    }
  }

  @Test
  void nothingIsWrittenWhereNothingHappened() {
    savings().close();
    assertThat(store.resolve("savings")).doesNotExist();
  }

  @Test
  void aDamagedFileIsBegunAnew() throws Exception {
    Files.writeString(store.resolve("savings"), "swarmgate savings, format 1\nday x 1 2\n");
    try (Savings savings = savings()) {
      savings.load();
      assertThat(savings.ever()).isEqualTo(Saved.NOTHING);
      savings.delivered("s", Provenance.PEERS, 5);
    }
    try (Savings again = savings()) {
      again.load();
      assertThat(again.ever().delivered()).isEqualTo(5);
    }
  }

  private Savings savings() {
    return new Savings(store.resolve("savings"), clock);
  }
}
