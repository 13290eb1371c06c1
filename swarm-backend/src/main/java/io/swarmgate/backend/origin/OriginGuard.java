package io.swarmgate.backend.origin;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.site.ForwardingSource;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.Source;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A source that answers only whom the site's origin would answer: asked with a HEAD that carries
 * the client's own fields, it must say 2xx. What else it says reaches the client, to whom its
 * request is relayed then.
 *
 * <p>An edge asks by itself, since it has to ask about versions too.
 */
final class OriginGuard extends ForwardingSource {
  private final EdgeSetup setup;
  private final OriginClient client;
  private final Relay relay;

  OriginGuard(Source source, EdgeSetup setup, OriginClient client) {
    super(source);
    this.setup = setup;
    this.client = client;
    this.relay = new Relay(client, setup.timeouts().stall(), setup.work());
  }

  @Override
  public CompletionStage<Outcome> open(SiteRequest request) {
    return source().open(request).thenCompose(outcome -> asked(request, outcome));
  }

  private CompletionStage<Outcome> asked(SiteRequest request, Outcome outcome) {
    if (!(outcome instanceof Outcome.Serve serve) || request.metainfo()) {
      return CompletableFuture.completedStage(outcome);
    }
    Representation file = serve.representation();
    if (setup.isOwn(request.view())) {
      file.close();
      return CompletableFuture.completedStage(Edge.loop());
    }
    Target target = Target.of(request);
    return client
        .unredirected()
        .head(target, origin -> EndToEnd.unconditional(request.view()))
        .thenCompose(
            answer -> {
              if (answer.status() / 100 == 2) {
                return CompletableFuture.completedStage(outcome);
              }
              file.close();
              return relay.relay(request.view(), target);
            })
        .exceptionally(
            e -> {
              file.close();
              return Edge.fail(e);
            });
  }

  @Override
  public long passedThrough() {
    return source().passedThrough() + relay.bytes();
  }
}
