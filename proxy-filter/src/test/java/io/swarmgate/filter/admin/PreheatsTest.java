package io.swarmgate.filter.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.filter.admin.Preheats.Wanted;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.ScriptedBackend;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PreheatsTest {
  private static final int LENGTH = 1_000;
  private static final int AT_A_TIME = 2;
  private static final int MOST_WAITING = 1_000;

  private final ScriptedBackend backend = new ScriptedBackend();
  private final Preheats preheats = new Preheats(backend);

  private int add(int priority) {
    OwnRequest request = new OwnRequest("/s/file", null, null);
    return preheats.add("site", request, Wanted.ALL, priority).orElseThrow().id();
  }

  private String state(int id) {
    return preheats.view(id).orElseThrow().state();
  }

  @Test
  void aFewRunAtATimeAndTheMostUrgentIsNext() {
    MemoryRepresentation cold = new MemoryRepresentation(LENGTH).releasedTo(0);
    backend.answer(new Outcome.Serve(cold));
    int first = add(0);
    int second = add(0);
    backend.answer(new Outcome.Serve(new MemoryRepresentation(LENGTH).releasedTo(0)));
    int patient = add(0);
    int urgent = add(1);
    assertThat(state(urgent)).isEqualTo("waiting");
    backend.script(request -> new CompletableFuture<>());
    cold.release(LENGTH);
    await().untilAsserted(() -> assertThat(state(urgent)).isEqualTo("running"));
    await().untilAsserted(() -> assertThat(state(first) + state(second)).isEqualTo("donedone"));
    await().untilAsserted(() -> assertThat(state(patient)).isEqualTo("running"));
    assertThat(cold.readersClosed).hasValue(AT_A_TIME);
  }

  /** On a stack that has no room for a queue. */
  @Test
  void asManyAsMayWaitEndOneAfterTheOtherWhenAllIsHere() throws InterruptedException {
    CompletableFuture<Outcome> opening = new CompletableFuture<>();
    backend.answerLater(opening);
    for (int i = 0; i < AT_A_TIME; i++) {
      add(0);
    }
    MemoryRepresentation here = new MemoryRepresentation(LENGTH);
    backend.answer(new Outcome.Serve(here));
    for (int i = 0; i < MOST_WAITING; i++) {
      add(0);
    }
    Runnable opened = () -> opening.complete(new Outcome.Serve(here));
    Thread small = new Thread(null, opened, "small stack", 256 << 10);
    small.start();
    small.join();
    assertThat(preheats.views()).extracting(Preheats.View::state).containsOnly("done");
    assertThat(here.readersClosed).hasValue(AT_A_TIME + MOST_WAITING);
  }

  @Test
  void aRequestThatCantEvenBeOpenedLetsTheNextOneRun() {
    backend.script(
        request -> {
          throw new IllegalStateException("broken");
        });
    int[] broken = {add(0), add(0)};
    backend.answer(new Outcome.Serve(new MemoryRepresentation(LENGTH)));
    assertThat(state(add(0))).isEqualTo("done");
    for (int id : broken) {
      assertThat(preheats.view(id).orElseThrow().reason()).contains("broken");
    }
  }

  @Test
  void whatIsOpenedOnceTheNodeStopsIsClosedAgain() {
    CompletableFuture<Outcome> opening = new CompletableFuture<>();
    backend.answerLater(opening);
    int late = add(0);
    preheats.close();
    MemoryRepresentation opened = new MemoryRepresentation(LENGTH);
    opening.complete(new Outcome.Serve(opened));
    assertThat(state(late)).isEqualTo("failed");
    assertThat(opened.closes).hasValue(1);
    assertThat(opened.readersClosed.get()).isEqualTo(opened.readersOpened.get());
  }
}
