package io.swarmgate.backend;

import io.swarmgate.backend.catalog.Catalogs;
import io.swarmgate.backend.catalog.Publishers;
import io.swarmgate.backend.config.Authorize;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.observe.Meter;
import io.swarmgate.backend.observe.Observer;
import io.swarmgate.backend.observe.Provenance;
import io.swarmgate.backend.origin.Edges;
import io.swarmgate.backend.origin.ExtentFiles;
import io.swarmgate.backend.site.ChainSource;
import io.swarmgate.backend.site.Purged;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.SiteRouter;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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

  /** Threads for short looks at files, so that no request's thread waits for a disk. */
  private static final int DISK_THREADS = 4;

  private static final CompletionStage<Outcome> NEXT =
      CompletableFuture.completedStage(new Outcome.Next());

  private final SwarmBackendConfig config;
  private final MetainfoCodec codec;
  private final Clock clock;
  private final Function<SwarmBackendConfig, SwarmEngine> engines;
  private final SiteRouter router;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final Observer observer;
  private volatile Map<SiteConfig, List<Source>> sources = Map.of();
  private volatile @Nullable SwarmEngine engine;
  private volatile @Nullable Kept kept;

  /** What admin actions are about. */
  private record Kept(ExtentStore store, Torrents torrents) {}

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
    try {
      startAll();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void startAll() throws IOException {
    ExecutorService disk =
        Executors.newFixedThreadPool(DISK_THREADS, Workers.threads("disk", Thread.NORM_PRIORITY));
    started.push(() -> Workers.end(disk));
    // Publishers have one too: it locks the directory that their metainfo is kept in.
    ExtentStore store = ExtentStore.open(config.store(), config.storeMax(), config.mapped(), codec);
    store.watch(observer);
    started.push(store);
    SwarmEngine made = engines.apply(config);
    started.push(made);
    made.start();
    Torrents torrents = new Torrents(made, observer);
    started.push(torrents);
    Publishers publishers = new Publishers(config, codec, torrents, disk, clock);
    started.push(publishers);
    ExtentFiles files = new ExtentFiles(store);
    Catalogs catalogs = new Catalogs(codec, torrents, files, disk);
    Edges edges = new Edges(config, codec, torrents, files, clock);
    started.push(edges);
    Map<SiteConfig, List<Source>> all = new LinkedHashMap<>();
    for (SiteConfig site : config.sites()) {
      List<Source> of = new ArrayList<>();
      if (site.content().isPresent()) {
        of.add(publishers.publisher(site, site.content().get()));
      }
      if (site.catalog().isPresent()) {
        of.add(
            catalogs.catalog(
                site,
                site.catalog().get(),
                site.origins().isEmpty() ? null : edges.pieceOrigins(site)));
      }
      of.replaceAll(source -> guarded(site, source, edges));
      if (!site.origins().isEmpty()) {
        of.add(edges.edge(site));
      }
      for (Source source : of) {
        started.push(source);
        source.start();
      }
      all.put(site, of);
    }
    sources = all;
    kept = new Kept(store, torrents);
    engine = made;
  }

  /** Makes a source that knows no other node ask who may. */
  private static Source guarded(SiteConfig site, Source source, Edges edges) {
    return switch (site.authorize()) {
      case NONE -> source;
      case ORIGIN -> edges.guarded(site, source);
      case CHAIN -> new ChainSource(source);
    };
  }

  @Override
  public boolean accepts(RequestView request) {
    return engine != null && router.route(request).isPresent();
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
    Optional<SiteRequest> routed = router.route(request);
    if (engine == null || routed.isEmpty()) {
      return NEXT;
    }
    return open(routed.get());
  }

  private CompletionStage<Outcome> open(SiteRequest request) {
    Meter meter = new Meter(request.site().id(), observer);
    return first(request, sources.getOrDefault(request.site(), List.of()), 0, meter);
  }

  /**
   * Decides about a request of the node's own: it isn't counted as a client's, and nobody in the
   * chain is asked about it.
   *
   * @param request as {@link #open} takes it
   */
  public CompletionStage<Outcome> openOwn(RequestView request) {
    Optional<SiteRequest> routed = router.route(request);
    if (engine == null || routed.isEmpty()) {
      return NEXT;
    }
    SiteRequest own = routed.get();
    Meter uncounted = new Meter(own.site().id(), Observer.NONE);
    return first(own, sources.getOrDefault(own.site(), List.of()), 0, uncounted)
        .thenCompose(
            outcome ->
                outcome instanceof Outcome.Ask ask
                    ? ask.allowed().get()
                    : CompletableFuture.completedStage(outcome));
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
    SwarmEngine running = engine;
    return running == null ? List.of() : running.details();
  }

  /** The verified pieces of a stored torrent, awake or not; empty if nothing of it is stored. */
  public Optional<StoredPieces> pieces(InfoHash infoHash) {
    Kept now = kept;
    return now == null
        ? Optional.empty()
        : now.store()
            .layout(infoHash)
            .map(layout -> new StoredPieces(layout, now.store().pieces(infoHash)));
  }

  /** How the store is. */
  public StoreStatus store() {
    Kept now = kept;
    if (now == null) {
      return new StoreStatus(0, config.storeMax(), 0, null, null);
    }
    ExtentStore store = now.store();
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
    Kept now = kept;
    if (now == null) {
      throw new IOException("expected a node that runs, got one that doesn't");
    }
    now.store().scrub();
  }

  /**
   * Forgets what is kept of some files of a site; see {@link Source#purge}. Completes when all that
   * isn't being read is deleted.
   */
  public CompletionStage<Purged> purge(String site, Predicate<String> paths, boolean abort) {
    Kept now = kept;
    Purged purged =
        sources.entrySet().stream()
            .filter(entry -> entry.getKey().id().equals(site))
            .flatMap(entry -> entry.getValue().stream())
            .map(source -> source.purge(paths, abort))
            .reduce(Purged.NOTHING, Purged::plus);
    return now == null
        ? CompletableFuture.completedStage(purged)
        : now.torrents().settled().thenApply(settled -> purged);
  }

  /** The sites as configured, in their order. */
  public List<SiteConfig> sites() {
    return config.sites();
  }

  /** The bans of peers that last. */
  public List<Ban> bans() {
    SwarmEngine running = engine;
    return running == null ? List.of() : running.bans();
  }

  /** Bans everyone at an address for so long; see {@link SwarmEngine#ban}. */
  public void ban(InetAddress address, Duration time, String reason) {
    SwarmEngine running = engine;
    if (running != null) {
      running.ban(address, time, reason);
    }
  }

  /** Ends the bans of an address; false if there is none. */
  public boolean unban(InetAddress address) {
    SwarmEngine running = engine;
    return running != null && running.unban(address);
  }

  /** What the node is doing. Cheap enough for a page that reloads every second. */
  public NodeStatus status() {
    SwarmEngine running = engine;
    List<SiteStatus> sites = new ArrayList<>();
    sources.forEach((site, of) -> sites.add(status(site, of)));
    return new NodeStatus(
        config.enabled(),
        running != null,
        sites,
        running == null ? List.of() : running.status(),
        running == null ? 0 : running.uploaded(),
        running == null ? 0 : running.downloaded());
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
    engine = null;
    kept = null;
    while (!started.isEmpty()) {
      AutoCloseable next = started.pop();
      try {
        next.close();
      } catch (Exception e) {
        LOG.warn("Could not close {}: {}", next, e.toString());
      }
    }
  }
}
