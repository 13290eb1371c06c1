package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class LaneTest {
  private final Queue<Runnable> pool = new ArrayDeque<>();
  private final Lane lane = new Lane(pool::add);
  private final List<Integer> ran = new ArrayList<>();

  /** What a thread of the pool does; it survives no more than a thread would. */
  private void work() {
    for (Runnable task = pool.poll(); task != null; task = pool.poll()) {
      try {
        task.run();
      } catch (Error e) {
        // The thread's end; the pool has others.
      }
    }
  }

  @Test
  void tasksRunInTheirOrderHoweverMany() {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      int number = i;
      numbers.add(number);
      lane.execute(() -> ran.add(number));
    }
    work();
    assertThat(ran).isEqualTo(numbers);
  }

  @Test
  void aTaskForWhichMemoryDoesNotSufficeStopsNoOther() {
    lane.execute(
        () -> {
          throw new OutOfMemoryError("of a test");
        });
    lane.execute(() -> ran.add(1));
    work();
    lane.execute(() -> ran.add(2));
    work();
    assertThat(ran).containsExactly(1, 2);
  }
}
