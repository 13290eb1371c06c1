package io.swarmgate.filter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Field;
import io.swarmgate.filter.testing.Request;
import io.swarmgate.filter.testing.ScriptedBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DeliveryTest {
  private static final List<Throwable> TROUBLE =
      List.of(new IllegalStateException("of a test"), new LinkageError("of a test"));

  private final ScriptedBackend backend = new ScriptedBackend();
  private final List<String> endings = new ArrayList<>();

  static List<Throwable> trouble() {
    return TROUBLE;
  }

  @ParameterizedTest
  @MethodSource("trouble")
  void whateverABackendThrowsIsAnsweredWith500(Throwable thrown) {
    backend.script(request -> fail(thrown));
    new Delivery().handle(backend, new Recorded());
    assertThat(endings).containsExactly("fail 500");
  }

  @ParameterizedTest
  @MethodSource("trouble")
  void soIsWhatItThrowsOnceTheChainHasAgreed(Throwable thrown) {
    Supplier<CompletionStage<Outcome>> allowed = () -> fail(thrown);
    backend.answer(new Outcome.Ask(allowed, () -> endings.add("refused")));
    new Delivery().handle(backend, new Recorded());
    assertThat(endings).containsExactly("fail 500");
  }

  private static CompletionStage<Outcome> fail(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  /** Remembers how it was ended; the chain agrees to everything. */
  private final class Recorded implements Exchange {
    @Override
    public RequestView request() {
      return new Request("GET", "/s/file", List.of());
    }

    @Override
    public @Nullable String mimeType(String path) {
      return null;
    }

    @Override
    public void respond(int status, List<Field> fields, Body body) {
      endings.add("respond " + status);
    }

    @Override
    public void ask(Consumer<ChainAnswer> answered) {
      answered.accept(new ChainAnswer(204, List.of()));
    }

    @Override
    public void next() {
      endings.add("next");
    }

    @Override
    public void refuse() {
      endings.add("refuse");
    }

    @Override
    public void fail(int status) {
      endings.add("fail " + status);
    }
  }
}
