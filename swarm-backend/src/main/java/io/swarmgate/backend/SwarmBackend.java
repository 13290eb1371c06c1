package io.swarmgate.backend;

import io.swarmgate.backend.config.Authorize;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.observe.Meter;
import io.swarmgate.backend.observe.Observer;
import io.swarmgate.backend.observe.Provenance;
import io.swarmgate.backend.site.Purged;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.SiteRouter;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.SiteStatus;
import io.swarmgate.backend.status.StoreStatus;
import io.swarmgate.backend.status.StoredPieces;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.store.Scrub;
import io.swarmgate.backend.swarm.Ban;
import io.swarmgate.backend.swarm.SwarmDetails;
import io.swarmgate.backend.swarm.SwarmEngine;
import io.swarmgate.backend.system.Workers;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node: its sites, their sources, and the engine they share. Started once and closed once, by one
 * thread; in between thread-safe.
 */
public final class SwarmBackend implements Backend, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SwarmBackend.class);

  private static final CompletionStage<Outcome> NEXT =
      CompletableFuture.completedStage(new Outcome.Next());

  private final SwarmBackendConfig config;
  private final MetainfoCodec codec;
  private final Clock clock;
  private final Function<SwarmBackendConfig, SwarmEngine> engines;
  private final SiteRouter router;
  private final Observer observer;

  /** Null before the start, after the end, and if the node is not enabled. */
  private volatile @Nullable RunningNode running;

  /**
   * Takes what a node is made of; nothing is opened before {@link #start}.
   *
   * @param engines makes the engine, which is started, and closed, with this node
   */
  public SwarmBackend(
      SwarmBackendConfig config,
      MetainfoCodec codec,
      Function<SwarmBackendConfig, SwarmEngine> engines) {
    this(config, codec, engines, Observer.NONE);
  }

  /**
   * The same, watched.
   *
   * @param observer told what happens
   */
  public SwarmBackend(
      SwarmBackendConfig config,
      MetainfoCodec codec,
      Function<SwarmBackendConfig, SwarmEngine> engines,
      Observer observer) {
    this(config, codec, engines, observer, Clock.systemUTC());
  }

  SwarmBackend(
      SwarmBackendConfig config,
      MetainfoCodec codec,
      Function<SwarmBackendConfig, SwarmEngine> engines,
      Clock clock) {
    this(config, codec, engines, Observer.NONE, clock);
  }

  private SwarmBackend(
      SwarmBackendConfig config,
      MetainfoCodec codec,
      Function<SwarmBackendConfig, SwarmEngine> engines,
      Observer observer,
      Clock clock) {
    this.observer = observer;
    this.config = config;
    this.codec = codec;
    this.clock = clock;
    this.engines = engines;
    this.router = new SiteRouter(config.sites());
  }

  /**
   * Opens the store, binds the peer port and starts the sources. Does nothing if the node is not
   * enabled.
   *
   * @throws IOException if any of these fails, with what was expected and what came; nothing is
   *     left running then
   */
  public void start() throws IOException {
    config.warnings().forEach(LOG::warn);
    if (!config.enabled()) {
      return;
    }
    Workers.startTimer();
    running = new RunningNode(config, codec, engines, observer, clock);
  }

  @Override
  public boolean accepts(RequestView request) {
    return running != null && router.route(request).isPresent();
  }

  /** An edge has an answer to everything; others pass on what they don't have. */
  @Override
  public boolean involvesChain(RequestView request) {
    return router
        .route(request)
        .map(SiteRequest::site)
        .filter(site -> site.authorize() != Authorize.CHAIN && !site.origins().isEmpty())
        .isEmpty();
  }

  @Override
  public CompletionStage<Outcome> open(RequestView request) {
    return open(request, observer);
  }

  /**
   * Decides about a request of the node's own: it isn't counted as a client's, and nobody in the
   * chain is asked about it.
   *
   * @param request as {@link #open} takes it
   */
  public CompletionStage<Outcome> openOwn(RequestView request) {
    return open(request, Observer.NONE)
        .thenCompose(
            outcome ->
                outcome instanceof Outcome.Ask ask
                    ? ask.allowed().get()
                    : CompletableFuture.completedStage(outcome));
  }

  private CompletionStage<Outcome> open(RequestView request, Observer told) {
    RunningNode node = running;
    SiteRequest routed = router.route(request).orElse(null);
    if (node == null || routed == null) {
      return NEXT;
    }
    SiteConfig site = routed.site();
    List<Source> sources = node.sources().getOrDefault(site, List.of());
    return first(routed, sources, 0, new Meter(site.id(), told));
  }

  /** The site that a request is for; empty if for none. */
  public Optional<String> site(RequestView request) {
    return router.route(request).map(routed -> routed.site().id());
  }

  /** Asks the sources one after the other, until one doesn't pass the request on. */
  private static CompletionStage<Outcome> first(
      SiteRequest request, List<Source> all, int index, Meter meter) {
    if (index == all.size()) {
      return NEXT.thenApply(next -> meter.measured(next, Provenance.STORE));
    }
    Source source = all.get(index);
    return source
        .open(request)
        .thenCompose(
            outcome ->
                outcome instanceof Outcome.Next
                    ? first(request, all, index + 1, meter)
                    : CompletableFuture.completedStage(
                        meter.measured(outcome, source.provenance())));
  }

  /** The torrents that are awake, piece by piece. */
  public List<SwarmDetails> details() {
    RunningNode node = running;
    return node == null ? List.of() : node.engine().details();
  }

  /** The verified pieces of a stored torrent, awake or not; empty if nothing of it is stored. */
  public Optional<StoredPieces> pieces(InfoHash infoHash) {
    RunningNode node = running;
    return node == null
        ? Optional.empty()
        : node.store()
            .layout(infoHash)
            .map(layout -> new StoredPieces(layout, node.store().pieces(infoHash)));
  }

  /** How the store is. */
  public StoreStatus store() {
    RunningNode node = running;
    if (node == null) {
      return new StoreStatus(0, config.storeMax(), 0, null, null);
    }
    ExtentStore store = node.store();
    return new StoreStatus(
        store.used(),
        store.max(),
        store.lingering(),
        store.trouble().orElse(null),
        store.latestScrub().map(SwarmBackend::status).orElse(null));
  }

  private static StoreStatus.ScrubStatus status(Scrub scrub) {
    Scrub.Progress progress = scrub.progress();
    return new StoreStatus.ScrubStatus(
        !scrub.done().isDone(), progress.checked(), progress.damaged(), progress.total());
  }

  /**
   * Begins to hash what is stored again, or joins the run that is under way.
   *
   * @throws IOException if the node doesn't run
   */
  public void scrub() throws IOException {
    RunningNode node = running;
    if (node == null) {
      throw new IOException("expected a node that runs, got one that doesn't");
    }
    node.store().scrub();
  }

  /**
   * Forgets what is kept of some files of a site; see {@link Source#purge}. Completes when all that
   * isn't being read is deleted.
   */
  public CompletionStage<Purged> purge(String site, Predicate<String> paths, boolean abort) {
    RunningNode node = running;
    if (node == null) {
      return CompletableFuture.completedStage(Purged.NOTHING);
    }
    Purged purged =
        node.sources().entrySet().stream()
            .filter(entry -> entry.getKey().id().equals(site))
            .flatMap(entry -> entry.getValue().stream())
            .map(source -> source.purge(paths, abort))
            .reduce(Purged.NOTHING, Purged::plus);
    return node.torrents().settled().thenApply(settled -> purged);
  }

  /** The sites as configured, in their order. */
  public List<SiteConfig> sites() {
    return config.sites();
  }

  /** The bans of peers that last. */
  public List<Ban> bans() {
    RunningNode node = running;
    return node == null ? List.of() : node.engine().bans();
  }

  /** Bans everyone at an address for so long; see {@link SwarmEngine#ban}. */
  public void ban(InetAddress address, Duration time, String reason) {
    RunningNode node = running;
    if (node != null) {
      node.engine().ban(address, time, reason);
    }
  }

  /** Ends the bans of an address; false if there is none. */
  public boolean unban(InetAddress address) {
    RunningNode node = running;
    return node != null && node.engine().unban(address);
  }

  /** What the node is doing. Cheap enough for a page that reloads every second. */
  public NodeStatus status() {
    RunningNode node = running;
    if (node == null) {
      return new NodeStatus(config.enabled(), false, List.of(), List.of(), 0, 0);
    }
    List<SiteStatus> sites = new ArrayList<>();
    node.sources().forEach((site, of) -> sites.add(status(site, of)));
    SwarmEngine engine = node.engine();
    return new NodeStatus(
        config.enabled(), true, sites, engine.status(), engine.uploaded(), engine.downloaded());
  }

  private static SiteStatus status(SiteConfig site, List<Source> sources) {
    return new SiteStatus(
        site.id(),
        sources.stream().map(Source::role).toList(),
        sources.stream().flatMap(source -> source.files().stream()).toList(),
        sources.stream().mapToLong(Source::passedThrough).sum(),
        sources.stream().mapToLong(Source::fetchedPieces).sum());
  }

  /** Closes what was started, last first. Idempotent. */
  @Override
  public void close() {
    RunningNode node = running;
    running = null;
    if (node != null) {
      node.close();
    }
  }
}
