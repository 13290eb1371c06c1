package io.swarmgate.filter.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** What must hold once a response is over, however it ended. */
public final class Settled {
  private Settled() {}

  /** Waits until nothing more is read for a response, since its client takes no more. */
  public static void awaitFull(MemoryRepresentation representation) {
    AtomicInteger before = new AtomicInteger();
    await()
        .pollInterval(Duration.ofMillis(200))
        .atMost(Duration.ofSeconds(15))
        .until(
            () -> {
              int now = representation.slicesOpened.get();
              return before.getAndSet(now) == now && now > 0;
            });
  }

  /** Waits until everything taken was given back, and checks that it was given back once. */
  public static void assertAllGivenBack(MemoryRepresentation representation) {
    await()
        .pollInterval(Duration.ofMillis(2))
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () -> {
              assertThat(representation.closes).as("representation closed").hasValue(1);
              assertThat(representation.readersClosed)
                  .as("readers closed")
                  .hasValue(representation.readersOpened.get());
              assertThat(representation.slicesClosed)
                  .as("slices closed")
                  .hasValue(representation.slicesOpened.get());
            });
    assertThat(representation.slicesClosedTwice).hasValue(0);
  }
}
