package io.swarmgate.backend;

import io.swarmgate.backend.catalog.Catalogs;
import io.swarmgate.backend.catalog.Publishers;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.origin.Edges;
import io.swarmgate.backend.origin.ExtentFiles;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.SiteRouter;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.Workers;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.SiteStatus;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.swarm.SwarmEngine;
import java.io.IOException;
import java.time.Clock;
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
  private volatile Map<SiteConfig, List<Source>> sources = Map.of();
  private volatile @Nullable SwarmEngine engine;

  /**
   * Takes what a node is made of; nothing is opened before {@link #start}.
   *
   * @param engines makes the engine, which is started, and closed, with this node
   */
  public SwarmBackend(
      SwarmBackendConfig config,
      MetainfoCodec codec,
      Function<SwarmBackendConfig, SwarmEngine> engines) {
    this(config, codec, engines, Clock.systemUTC());
  }

  SwarmBackend(
      SwarmBackendConfig config,
      MetainfoCodec codec,
      Function<SwarmBackendConfig, SwarmEngine> engines,
      Clock clock) {
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
    started.push(store);
    SwarmEngine made = engines.apply(config);
    started.push(made);
    made.start();
    Torrents torrents = new Torrents(made);
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
    engine = made;
  }

  @Override
  public boolean accepts(RequestView request) {
    return engine != null && router.route(request).isPresent();
  }

  @Override
  public CompletionStage<Outcome> open(RequestView request) {
    Optional<SiteRequest> routed = router.route(request);
    if (engine == null || routed.isEmpty()) {
      return NEXT;
    }
    return first(routed.get(), sources.getOrDefault(routed.get().site(), List.of()), 0);
  }

  /** Asks the sources one after the other, until one doesn't pass the request on. */
  private static CompletionStage<Outcome> first(SiteRequest request, List<Source> all, int index) {
    if (index == all.size()) {
      return NEXT;
    }
    return all.get(index)
        .open(request)
        .thenCompose(
            outcome ->
                outcome instanceof Outcome.Next
                    ? first(request, all, index + 1)
                    : CompletableFuture.completedStage(outcome));
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
