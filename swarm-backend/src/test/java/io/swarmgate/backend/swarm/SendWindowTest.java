package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SendWindowTest {
  private static final long MILLI = 1_000_000;
  private static final long PIECE = 1 << 20;

  private final SendWindow window = new SendWindow();
  private final Receiver first = new Receiver();
  private final Receiver second = new Receiver();
  private final Receiver third = new Receiver();
  private final Receiver fourth = new Receiver();

  private static final class Receiver implements Holds.Receiver {
    double rate;

    @Override
    public double uploadRate() {
      return rate;
    }

    @Override
    public long haveDelay() {
      return 0;
    }
  }

  @BeforeEach
  void join() {
    window.joined(first);
    window.joined(second);
    window.joined(third);
    window.joined(fourth);
  }

  private void send(Receiver to, int piece, long now) {
    window.sent(to, PIECE, now);
    window.ended(to, piece);
  }

  @Test
  void aSoleReceiverHasNoLimit() {
    window.left(second);
    window.left(third);
    window.left(fourth);
    for (int piece = 0; piece < 100; piece++) {
      send(first, piece, 0);
    }
    assertThat(window.hasRoom(first, 0)).isTrue();
  }

  @Test
  void oneOfSeveralGetsItsNextPieceOnceItAnnouncesTheLast() {
    send(first, 7, 0);
    assertThat(window.hasRoom(first, 10 * MILLI)).isFalse();
    window.announced(first, 7, 20 * MILLI, 20 * MILLI);
    assertThat(window.hasRoom(first, 20 * MILLI)).isTrue();
  }

  @Test
  void allTogetherHaveNoMoreOnTheWayThanKeepsTheLineBusy() {
    send(first, 1, 0);
    assertThat(window.hasRoom(second, 0)).isTrue();
    send(second, 2, 0);
    assertThat(window.hasRoom(third, 0)).isFalse();
    window.announced(first, 1, MILLI, MILLI);
    assertThat(window.hasRoom(third, MILLI)).isTrue();
  }

  @Test
  void fasterReceiversHaveMoreOnTheWay() {
    first.rate = 500e6;
    for (int piece = 0; piece < 20; piece++) {
      assertThat(window.hasRoom(first, 0)).isTrue();
      send(first, piece, 0);
    }
    send(first, 20, 0);
    send(first, 21, 0);
    send(first, 22, 0);
    send(first, 23, 0);
    assertThat(window.hasRoom(first, 0)).isFalse();
  }

  @Test
  void aHaveTellsThatAllBeforeItHasArrived() {
    send(first, 1, 0);
    send(first, 2, 0);
    window.announced(first, 2, MILLI, MILLI);
    assertThat(window.hasRoom(first, MILLI)).isTrue();
    send(second, 3, MILLI);
    assertThat(window.hasRoom(third, MILLI)).isTrue();
  }

  @Test
  void whoNeverAnnouncesIsWaitedForOnlySoLong() {
    send(first, 1, 0);
    send(second, 2, 0);
    assertThat(window.hasRoom(first, 300 * MILLI)).isFalse();
    assertThat(window.hasRoom(third, 300 * MILLI)).isFalse();
    assertThat(window.hasRoom(first, 301 * MILLI)).isTrue();
    assertThat(window.hasRoom(third, 301 * MILLI)).isTrue();
  }

  @Test
  void whoLeavesFreesWhatWasOnItsWay() {
    send(first, 1, 0);
    send(second, 2, 0);
    window.left(first);
    assertThat(window.hasRoom(third, 0)).isTrue();
  }
}
