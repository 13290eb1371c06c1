package io.swarmgate.backend.site;

import io.swarmgate.backend.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A source that answers only whom the next in the chain lets. That one is asked about what the
 * source has, and not about what it doesn't: so most requests for other things reach it once.
 *
 * <p>An edge, which has an answer to everything, asks by itself.
 *
 * <p>Metainfo is not asked about: who is given it is shown by a token, or an address.
 */
public final class ChainSource extends ForwardingSource {
  public ChainSource(Source source) {
    super(source);
  }

  @Override
  public CompletionStage<Outcome> open(SiteRequest request) {
    return source().open(request).thenApply(outcome -> asked(request, outcome));
  }

  private static Outcome asked(SiteRequest request, Outcome outcome) {
    return outcome instanceof Outcome.Serve serve && !request.metainfo()
        ? new Outcome.Ask(
            () -> CompletableFuture.completedStage(serve), () -> serve.representation().close())
        : outcome;
  }
}
