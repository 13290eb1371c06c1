package io.swarmgate.backend;

import io.swarmgate.backend.catalog.Catalogs;
import io.swarmgate.backend.catalog.Publishers;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.observe.Observer;
import io.swarmgate.backend.origin.Edges;
import io.swarmgate.backend.origin.ExtentFiles;
import io.swarmgate.backend.origin.PieceOrigins;
import io.swarmgate.backend.site.ChainSource;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.swarm.SwarmEngine;
import io.swarmgate.backend.system.Workers;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node is made of while it runs. Each part is started when what it needs has been, and
 * closed before that. Made and closed by one thread; in between thread-safe.
 */
final class RunningNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningNode.class);

  /** Threads for short looks at files, so that no request's thread waits for a disk. */
  private static final int DISK_THREADS = 4;

  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final ExtentStore store;
  private final SwarmEngine engine;
  private final Torrents torrents;
  private final Map<SiteConfig, List<Source>> sources = new LinkedHashMap<>();

  /**
   * Starts all of it.
   *
   * @throws IOException if a part can't be; nothing is left running then
   */
  RunningNode(
      SwarmBackendConfig config,
      MetainfoCodec codec,
      Function<SwarmBackendConfig, SwarmEngine> engines,
      Observer observer,
      Clock clock)
      throws IOException {
    boolean running = false;
    try {
      ExecutorService disk =
          Executors.newFixedThreadPool(DISK_THREADS, Workers.threads("disk", Thread.NORM_PRIORITY));
      started.push(() -> Workers.end(disk));
      // Publishers have one too: it locks the directory that their metainfo is kept in.
      store = ExtentStore.open(config.store(), config.storeMax(), config.mapped(), codec);
      store.watch(observer);
      started.push(store);
      engine = engines.apply(config);
      started.push(engine);
      engine.start();
      torrents = new Torrents(engine, observer);
      started.push(torrents);
      Publishers publishers = new Publishers(config, codec, torrents, disk, clock);
      started.push(publishers);
      ExtentFiles files = new ExtentFiles(store);
      Catalogs catalogs = new Catalogs(codec, torrents, files, disk);
      Edges edges = new Edges(config, codec, torrents, files, clock);
      started.push(edges);
      for (SiteConfig site : config.sites()) {
        List<Source> of = sources(site, publishers, catalogs, edges);
        for (Source source : of) {
          started.push(source);
          source.start();
        }
        sources.put(site, of);
      }
      running = true;
    } finally {
      if (!running) {
        close();
      }
    }
  }

  private static List<Source> sources(
      SiteConfig site, Publishers publishers, Catalogs catalogs, Edges edges) throws IOException {
    List<Source> all = new ArrayList<>();
    if (site.content().isPresent()) {
      all.add(publishers.publisher(site, site.content().get()));
    }
    if (site.catalog().isPresent()) {
      PieceOrigins origins = site.origins().isEmpty() ? null : edges.pieceOrigins(site);
      all.add(catalogs.catalog(site, site.catalog().get(), origins));
    }
    all.replaceAll(source -> guarded(site, source, edges));
    if (!site.origins().isEmpty()) {
      all.add(edges.edge(site));
    }
    return all;
  }

  /** Makes a source that knows no other node ask who may. */
  private static Source guarded(SiteConfig site, Source source, Edges edges) {
    return switch (site.authorize()) {
      case NONE -> source;
      case ORIGIN -> edges.guarded(site, source);
      case CHAIN -> new ChainSource(source);
    };
  }

  ExtentStore store() {
    return store;
  }

  SwarmEngine engine() {
    return engine;
  }

  Torrents torrents() {
    return torrents;
  }

  /** The sources of each site, in the order in which they are asked. */
  Map<SiteConfig, List<Source>> sources() {
    return sources;
  }

  /** Closes what was started, last first. Idempotent. */
  @Override
  public void close() {
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
