package io.swarmgate.backend.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RescanTest {
  @ParameterizedTest
  @CsvSource({
    "true, 0, 60000",
    "false, 0, 5000",
    "true, 1000, 60000",
    "false, 200, 5000",
    "false, 1000, 19000",
    "true, 10000, 190000"
  })
  void aLookTakesAtMostATwentiethOfTheTime(boolean complete, long tookMillis, long millis) {
    assertThat(Rescan.DEFAULT.after(complete, Duration.ofMillis(tookMillis)))
        .isEqualTo(Duration.ofMillis(millis));
  }
}
