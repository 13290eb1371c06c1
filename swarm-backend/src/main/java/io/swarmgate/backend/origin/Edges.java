package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.observe.Observer;
import io.swarmgate.backend.site.MetainfoAccess;
import io.swarmgate.backend.site.Sidecars;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.system.Workers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Makes the edges of a node's sites, and owns the threads they share. */
public final class Edges implements AutoCloseable {
  /** However many requests wait for one answer of an origin, all of which go on at once. */
  private static final int WORKERS = Math.max(8, 4 * Runtime.getRuntime().availableProcessors());

  private final Path notesDirectory;
  private final EdgeSetup setup;
  private final Observer observer;

  /** Few and short: what runs here never waits for a network, a disk or a client. */
  private final ExecutorService work;

  /** Takes files in: hashes, and waits for the disk. */
  private final ExecutorService ingest =
      Executors.newCachedThreadPool(Workers.threads("ingest", Thread.NORM_PRIORITY));

  private final Map<URI, Origin> origins = new ConcurrentHashMap<>();

  /** One thread, so that notes on one URL are written in the order of what happened to it. */
  private final ExecutorService notes =
      Executors.newSingleThreadExecutor(Workers.threads("notes", Thread.NORM_PRIORITY));

  /** Takes what the edges share with the rest of the node. */
  public Edges(
      SwarmBackendConfig config,
      MetainfoCodec codec,
      Torrents torrents,
      EdgeFiles files,
      Clock clock) {
    this(config, codec, torrents, files, clock, OriginTimeouts.DEFAULT);
  }

  Edges(
      SwarmBackendConfig config,
      MetainfoCodec codec,
      Torrents torrents,
      EdgeFiles files,
      Clock clock,
      OriginTimeouts timeouts) {
    this.notesDirectory = config.store().resolve("edge");
    this.work = Workers.pool("origin", WORKERS);
    this.observer = torrents.observer();
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeouts.connect())
            .executor(work);
    HttpClient http = Workers.outsideApplications(client::build);
    this.setup =
        new EdgeSetup(
            new WatchedHttpClient(http, observer),
            base -> origins.computeIfAbsent(base, absent -> new Origin(absent, clock)),
            timeouts,
            pseudonym(),
            config.secret(),
            codec,
            torrents,
            files,
            new MetainfoAccess(config, clock),
            work,
            ingest,
            clock);
  }

  private static String pseudonym() {
    byte[] random = new byte[6];
    new SecureRandom().nextBytes(random);
    return "swarmgate-" + HexFormat.of().formatHex(random);
  }

  /**
   * Makes a site's edge; it does nothing before it is started.
   *
   * @throws IOException if the store can't be used
   */
  public Source edge(SiteConfig site) throws IOException {
    Sidecars sidecars = new Sidecars(notesDirectory.resolve(site.id()));
    return new Edge(
        site,
        setup,
        new EdgeMemory(sidecars, notes, (path, what) -> observer.changed(site.id(), path, what)));
  }

  /** Makes a source answer only whom the site's origin would answer. */
  public Source guarded(SiteConfig site, Source source) {
    return new OriginGuard(source, setup, setup.client(site));
  }

  /** A site's origins, for the pieces of its catalogue. */
  public PieceOrigins pieceOrigins(SiteConfig site) {
    return new PieceOrigins(site, setup.client(site), setup.clock());
  }

  /** Ends the threads; what is relayed breaks off. */
  @Override
  public void close() {
    Workers.end(ingest);
    work.shutdownNow();
    Workers.end(notes);
  }
}
