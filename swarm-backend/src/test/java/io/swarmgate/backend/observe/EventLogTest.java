package io.swarmgate.backend.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.testing.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EventLogTest {
  private final TestClock clock = new TestClock();
  private final EventLog log = new EventLog(clock, 3);

  @Test
  void eventsCarryTheirReasonsTheLatestFirst() {
    log.fellBack("a.iso", 7, Duration.ofMillis(500));
    log.banned("192.0.2.1:6891", Duration.ofMinutes(4), "it sent wrong bytes");
    assertThat(log.latest())
        .extracting(Event::kind)
        .containsExactly(Event.Kind.BAN, Event.Kind.FALLBACK);
    assertThat(log.latest()).extracting(Event::number).containsExactly(2L, 1L);
    assertThat(log.latest().get(0).reason()).isEqualTo("banned for 4 min: it sent wrong bytes");
    assertThat(log.latest().get(1).reason()).contains("piece 7", "500 ms");
  }

  @Test
  void likeEventsWithinAMinuteAreOneAndOthersStay() {
    log.changed("s", "/b", "the origin has new content");
    for (int i = 0; i < 1000; i++) {
      log.fellBack("a.iso", i, Duration.ofMillis(500));
    }
    assertThat(log.latest()).hasSize(2);
    Event fallbacks = log.latest().get(0);
    assertThat(fallbacks.count()).isEqualTo(1000);
    assertThat(fallbacks.reason()).contains("piece 999");
    assertThat(fallbacks.number()).isEqualTo(1001);

    clock.advance(Duration.ofMinutes(2));
    log.fellBack("a.iso", 0, Duration.ofMillis(500));
    assertThat(log.latest()).hasSize(3);
    assertThat(log.latest().get(0).count()).isEqualTo(1);
  }

  @Test
  void noActionHidesAnotherOne() {
    log.add(Event.Kind.ADMIN, "/ban", "bans 192.0.2.1");
    log.add(Event.Kind.ADMIN, "/ban", "bans 192.0.2.2");
    log.add(Event.Kind.ADMIN, "/ban", "bans 192.0.2.2");
    assertThat(log.latest())
        .extracting(Event::reason)
        .containsExactly("bans 192.0.2.2", "bans 192.0.2.1");
    assertThat(log.latest().get(0).count()).isEqualTo(2);
  }

  @Test
  void theOldestAreForgotten() {
    for (int i = 0; i < 5; i++) {
      log.evicted("torrent " + i, 1);
    }
    assertThat(log.latest())
        .extracting(Event::subject)
        .containsExactly("torrent 4", "torrent 3", "torrent 2");
  }
}
