package io.swarmgate.backend.origin;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.Authorize;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.MetainfoContent;
import io.swarmgate.backend.site.Purged;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.status.FileStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A site whose content is an origin's: from the swarm where it can be, relayed where not. Of an
 * origin without metainfo it is the shield, and gives other nodes the metainfo it has made.
 */
final class Edge implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(Edge.class);

  /** How long what can't be taken in is relayed without another try. */
  private static final Duration UNTAKEN = Duration.ofSeconds(10);

  private static final int LOOP_DETECTED = 508;

  private final SiteConfig site;
  private final EdgeSetup setup;
  private final Clock clock;
  private final EdgeMemory memory;
  private final Generations generations;
  private final Learner learner;
  private final Learning learning;
  private final Relay relay;

  Edge(SiteConfig site, EdgeSetup setup, EdgeMemory memory) {
    this.site = site;
    this.setup = setup;
    this.clock = setup.clock();
    this.memory = memory;
    OriginClient client = setup.client(site);
    this.generations = new Generations(site, setup, client, memory::noteAgain);
    this.learner = new Learner(site, client, setup.codec(), generations, clock);
    this.learning = new Learning(site, learner, memory, clock);
    this.relay = new Relay(client, setup.timeouts().stall(), setup.work());
  }

  /** Takes up what an earlier run noted, so that peers and clients find it at once. */
  @Override
  public void start() throws IOException {
    for (EdgeNote note : memory.notes()) {
      InfoHash infoHash = note.facts().infoHash();
      if (setup.files().has(infoHash)) {
        memory.restore(note, generations.restore(note).toCompletableFuture().join());
      } else {
        LOG.info("Forgetting {}: the store no longer has {}", note.target(), infoHash);
        memory.forgetNote(note.key());
      }
    }
  }

  @Override
  public CompletionStage<Outcome> open(SiteRequest request) {
    if (setup.isOwn(request.view())) {
      return CompletableFuture.completedStage(loop());
    }
    Target target = Target.of(request);
    CompletionStage<Outcome> outcome =
        request.metainfo() ? metainfo(request, target) : asked(() -> answer(request, target));
    return outcome.exceptionally(Edge::fail);
  }

  /**
   * Does something, but first, if the next in the chain says who may, has it asked: before the
   * origin is, since there is an answer to everything here.
   */
  private CompletionStage<Outcome> asked(Supplier<CompletionStage<Outcome>> allowed) {
    return site.authorize() == Authorize.CHAIN
        ? CompletableFuture.completedStage(
            new Outcome.Ask(() -> allowed.get().exceptionally(Edge::fail), () -> {}))
        : allowed.get();
  }

  static Outcome loop() {
    return new Outcome.Fail(LOOP_DETECTED, "expected an origin elsewhere, got our own request");
  }

  private String key(SiteRequest request) {
    String query = site.queryKey().of(request.view().query());
    return request.path() + (query.isEmpty() ? "" : "?" + query);
  }

  private CompletionStage<Outcome> answer(SiteRequest request, Target target) {
    String key = key(request);
    Knowledge known = memory.find(key).orElse(null);
    Knowledge.Accelerated here = known instanceof Knowledge.Accelerated a ? a : null;
    Wishes wishes = Wishes.of(request.view());
    switch (Reuse.of(site, known, request.view(), wishes, clock.instant())) {
      case NONE:
        return CompletableFuture.completedStage(relay.unavailable());
      case ASK:
        return learning
            .ask(key, target, here, wishes.reload())
            .thenComposeAsync(
                learned -> answer(request, target, learned, here != null), setup.work());
      case ASK_ALONE:
        return alone(request, target, here);
      case USE_AND_ASK:
        var unused = learning.ask(key, target, here, false);
        break;
      case USE:
        break;
    }
    if (here != null && here.generation().isKept()) {
      // Nothing has to be waited for, and a hand-over would cost more than the answer.
      return serve(request, target, here, false, false);
    }
    return CompletableFuture.completedStage(known)
        .thenComposeAsync(found -> serve(request, target, found, false, false), setup.work());
  }

  /** Answers by what the origin said to everybody, if that is enough. */
  private CompletionStage<Outcome> answer(
      SiteRequest request, Target target, Learning.Learned learned, boolean stale) {
    return learned.known() instanceof Knowledge.Accelerated here
            && Reuse.needsOwnAnswer(here, request.view(), clock.instant())
        ? alone(request, target, here)
        : serve(request, target, learned.known(), stale, learned.collapsed());
  }

  /** Asks the origin for this request alone, with all it came with, and answers by that. */
  private CompletionStage<Outcome> alone(
      SiteRequest request, Target target, Knowledge.@Nullable Accelerated here) {
    List<Field> fields = EndToEnd.unconditional(request.view());
    return learner
        .askFor(fields, target, here)
        .thenComposeAsync(told -> alone(request, target, here, fields, told), setup.work());
  }

  private CompletionStage<Outcome> alone(
      SiteRequest request,
      Target target,
      Knowledge.@Nullable Accelerated here,
      List<Field> fields,
      Description told) {
    if (told.head().isEmpty()) {
      return relay.relay(request.view(), target);
    }
    if (here != null && told.confirms(here)) {
      here.generation().confirmed();
      return serve(request, target, here, told, fields);
    }
    // Another version than is known, or the first. Only where the origin is asked each time may
    // what it says to one be learned for all.
    String key = key(request);
    CompletionStage<Learning.Learned> learned =
        site.authorize() == Authorize.ORIGIN
            ? learning.learn(key, target, here, fields, told)
            : learning.ask(key, target, here, false);
    return learned.thenComposeAsync(
        found ->
            found.known() instanceof Knowledge.Accelerated now && told.confirms(now)
                ? serve(request, target, now, told, fields)
                : relay.relay(request.view(), target),
        setup.work());
  }

  /** Answers with what is known, as the origin described it to this client. */
  private CompletionStage<Outcome> serve(
      SiteRequest request,
      Target target,
      Knowledge.Accelerated known,
      Description told,
      List<Field> fields) {
    Head head = told.head().orElse(known.head());
    Knowledge.Accelerated own =
        Knowledge.Accelerated.of(
            known.generation(), head, told.origin(), told.rules(), clock.instant());
    return serve(request, target, known, new EdgeView(own, true, false, fields));
  }

  private CompletionStage<Outcome> serve(
      SiteRequest request,
      Target target,
      @Nullable Knowledge known,
      boolean stale,
      boolean collapsed) {
    return known instanceof Knowledge.Accelerated here
        ? serve(request, target, here, new EdgeView(here, stale, collapsed, List.of()))
        : relay.relay(request.view(), target);
  }

  private CompletionStage<Outcome> serve(
      SiteRequest request, Target target, Knowledge.Accelerated known, EdgeView view) {
    Generation generation = known.generation();
    if (generation.isBroken() || !generation.pin()) {
      // What can't be read isn't tried again with each request.
      memory.replace(
          key(request), known, relayed(generation.isUnusable() ? UNTAKEN : Learning.RETRY));
      return relay.relay(request.view(), target);
    }
    try {
      if (generation.canServe(request.view())) {
        return CompletableFuture.completedStage(serve(request, view));
      }
      generation.release();
    } catch (RuntimeException e) {
      LOG.warn("{}: relayed, the store can't take it: {}", target, e.toString());
      generation.release();
      memory.replace(key(request), known, relayed(UNTAKEN));
    }
    return relay.relay(request.view(), target);
  }

  private Knowledge.Direct relayed(Duration time) {
    return new Knowledge.Direct(clock.instant().plus(time), false);
  }

  /** Answers from a generation that is pinned for it. */
  private Outcome serve(SiteRequest request, EdgeView view) {
    // A HEAD alone is no reason to take a file in.
    if (request.view().method().equals("GET")) {
      view.known().generation().keep(view.asked());
    }
    return new Outcome.Serve(new EdgeRepresentation(view, () -> link(request), clock.instant()));
  }

  /** Where the metainfo is, as the client asks for it. */
  private String link(SiteRequest request) {
    String query = request.view().query();
    return request.path().encoded()
        + SiteRequest.METAINFO_SUFFIX
        + (query == null ? "" : "?" + Target.legal(query));
  }

  /**
   * Gives metainfo that was made here, to nodes of one's own, whoever else decides about clients;
   * what else is asked for is the origin's to answer.
   */
  private CompletionStage<Outcome> metainfo(SiteRequest request, Target target) {
    TorrentFacts facts =
        memory.find(key(request)).orElse(null) instanceof Knowledge.Accelerated known
                && known.generation().isOurs()
            ? known.generation().facts()
            : null;
    if (facts == null) {
      return asked(() -> relay.relay(request.view(), target));
    }
    return CompletableFuture.supplyAsync(() -> metainfo(request, facts), setup.work())
        .thenCompose(
            found ->
                found.isEmpty()
                    ? asked(() -> relay.relay(request.view(), target))
                    : CompletableFuture.completedStage(found.get()));
  }

  private Optional<Outcome> metainfo(SiteRequest request, TorrentFacts facts) {
    if (!setup.access().allows(request.view())) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Outcome.Serve(MetainfoContent.of(setup.files().metainfo(facts.infoHash()))));
    } catch (IOException e) {
      LOG.warn("{}: no metainfo is given: {}", request.path(), e.toString());
      return Optional.empty();
    }
  }

  static Outcome fail(Throwable e) {
    Throwable cause = OriginClient.cause(e);
    Throwable inner =
        cause instanceof UncheckedIOException unchecked ? unchecked.getCause() : cause;
    int status = inner instanceof OriginException origin ? origin.status() : 502;
    return new Outcome.Fail(status, String.valueOf(inner));
  }

  @Override
  public String role() {
    return "edge";
  }

  @Override
  public List<FileStatus> files() {
    return memory.files();
  }

  @Override
  public long passedThrough() {
    return relay.bytes();
  }

  @Override
  public long fetchedPieces() {
    return generations.fetched();
  }

  @Override
  public Purged purge(Predicate<String> paths, boolean abort) {
    AtomicInteger pending = new AtomicInteger();
    int purged =
        memory.purge(
            paths,
            generation -> {
              if (abort) {
                abort(generation);
              } else if (generation.isPinned()) {
                pending.incrementAndGet();
              }
            });
    return new Purged(purged, pending.get());
  }

  private void abort(Generation generation) {
    TorrentFacts facts = generation.facts();
    if (facts == null) {
      generation.abandon();
    } else {
      setup.torrents().end(facts.infoHash());
    }
  }

  /** Gives up what is being taken in; what it holds stays for the next start. */
  @Override
  public void close() {
    generations.close();
  }
}
