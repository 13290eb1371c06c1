package io.swarmgate.filter.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.Request;
import io.swarmgate.filter.testing.ScriptedBackend;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LimitedBackendTest {
  private final ScriptedBackend scripted = new ScriptedBackend();
  private final ResponseLimits limits = new ResponseLimits(1, 0);
  private final LimitedBackend backend = new LimitedBackend(scripted, limits);
  private final MemoryRepresentation file = new MemoryRepresentation(100);

  @Test
  void aResponseCountsUntilItsReaderIsClosed() {
    scripted.answer(new Outcome.Serve(file));
    Representation first = serve();
    ContentReader reader = first.reader();
    first.close();

    assertThat(open()).isInstanceOf(Outcome.Busy.class);
    assertThat(scripted.opened()).isEqualTo(1);
    reader.close();
    reader.close();
    assertThat(limits.count()).isZero();
    serve();
  }

  @Test
  void oneWithoutABodyCountsUntilThatIsDecided() {
    scripted.answer(new Outcome.Serve(file));
    serve().close();

    assertThat(limits.count()).isZero();
    assertThat(file.closes).hasValue(1);
  }

  @Test
  void oneThatIsStillToBeDecidedCounts() {
    CompletableFuture<Outcome> later = new CompletableFuture<>();
    scripted.answerLater(later);
    var unused = backend.open(request());

    assertThat(open()).isInstanceOf(Outcome.Busy.class);
    later.complete(new Outcome.Next());
    assertThat(limits.count()).isZero();
  }

  @Test
  void whatWeDoNotAnswerDoesNotCount() {
    scripted.answer(new Outcome.Next());
    assertThat(open()).isInstanceOf(Outcome.Next.class);
    scripted.answer(new Outcome.Fail(502, "expected an origin, got none"));
    assertThat(open()).isInstanceOf(Outcome.Fail.class);

    assertThat(limits.count()).isZero();
  }

  @Test
  void aRelayedResponseCountsUntilItsBodyIsClosed() {
    scripted.answer(new Outcome.PassThrough(200, List.of(), new MemoryBody(file)));
    Outcome.PassThrough relayed = (Outcome.PassThrough) open();

    assertThat(open()).isInstanceOf(Outcome.Busy.class);
    relayed.body().close();
    relayed.body().close();
    assertThat(limits.count()).isZero();
  }

  @Test
  void aBackendThatFailsLeavesNothingCounted() {
    scripted.script(
        request -> {
          throw new IllegalStateException("broken");
        });
    assertThatThrownBy(() -> backend.open(request())).hasMessage("broken");
    scripted.script(request -> CompletableFuture.failedFuture(new IllegalStateException("late")));
    assertThatThrownBy(this::open).hasRootCauseMessage("late");

    assertThat(limits.count()).isZero();
  }

  @Test
  void oneThatTheChainIsAskedAboutCountsUntilItHasEndedOrIsRefused() {
    scripted.answer(
        new Outcome.Ask(
            () -> CompletableFuture.completedFuture(new Outcome.Serve(file)), file::close));
    Outcome.Ask refused = (Outcome.Ask) open();
    assertThat(open()).isInstanceOf(Outcome.Busy.class);
    refused.refused().run();
    assertThat(limits.count()).isZero();

    Outcome allowed = ((Outcome.Ask) open()).allowed().get().toCompletableFuture().join();
    assertThat(open()).isInstanceOf(Outcome.Busy.class);
    ((Outcome.Serve) allowed).representation().close();
    assertThat(limits.count()).isZero();
  }

  private Representation serve() {
    return ((Outcome.Serve) open()).representation();
  }

  private Outcome open() {
    return backend.open(request()).toCompletableFuture().join();
  }

  private static Request request() {
    return new Request("GET", "/s/x", List.of());
  }
}
