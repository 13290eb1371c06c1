package io.swarmgate.backend.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThroughputTest {
  private long now;
  private final Throughput throughput = new Throughput(() -> now);

  @Test
  void stepsThatAreOverAreToldBySource() {
    assertThat(peers()).isEmpty();
    throughput.delivered("s", Provenance.PEERS, 10);
    throughput.delivered("s", Provenance.PEERS, 5);
    pass(1);
    throughput.delivered("s", Provenance.STORE, 7);
    pass(2);
    assertThat(peers()).containsExactly(15L, 0L, 0L);
    assertThat(throughput.steps().get(Provenance.STORE)).containsExactly(0L, 7L, 0L);
  }

  @Test
  void afterALongTimeOfNothingOldStepsDontComeBack() {
    throughput.delivered("s", Provenance.PEERS, 10);
    pass(150);
    assertThat(peers()).hasSize(149).containsOnly(0L);
    pass(10_000);
    throughput.delivered("s", Provenance.PEERS, 3);
    pass(1);
    assertThat(peers()).hasSize(149).endsWith(3L);
    assertThat(peers().stream().mapToLong(Long::longValue).sum()).isEqualTo(3);
  }

  private List<Long> peers() {
    return throughput.steps().getOrDefault(Provenance.PEERS, List.of());
  }

  private void pass(int steps) {
    now += TimeUnit.SECONDS.toNanos((long) steps * Throughput.STEP_SECONDS);
  }
}
