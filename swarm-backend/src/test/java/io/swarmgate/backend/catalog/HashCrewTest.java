package io.swarmgate.backend.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashCrewTest {
  private static final Path STAT = Path.of("/proc/thread-self/stat");
  private static final Path RENICE = Path.of("/usr/bin/renice");

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "3, 2", "64, 63"})
  void oneCoreIsLeftToOthers(int cores, int threads) {
    try (HashCrew crew = new HashCrew(cores)) {
      assertThat(crew.size()).isEqualTo(threads);
    }
  }

  @Test
  void itGivesWayToOthersWhereTheSystemCanTellThreadsTo() throws Exception {
    boolean can = Files.exists(STAT) && Files.exists(RENICE);
    try (HashCrew crew = new HashCrew(1)) {
      CompletableFuture<Integer> nice = new CompletableFuture<>();
      crew.execute(() -> nice.complete(niceness()));
      int ours = niceness();
      assertThat(nice.get(30, TimeUnit.SECONDS))
          .isEqualTo(can ? Math.max(ours, Niceness.LOW) : ours);
    }
  }

  /** The calling thread's nice value, as proc(5) has it; 0 where it isn't told. */
  private static int niceness() {
    try {
      String stat = Files.readString(STAT);
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
    } catch (java.io.IOException e) {
      return 0;
    }
  }
}
