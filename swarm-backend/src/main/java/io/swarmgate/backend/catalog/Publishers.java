package io.swarmgate.backend.catalog;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.site.MetainfoAccess;
import io.swarmgate.backend.site.Sidecars;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Executor;

/** Makes the publishers of a node's sites, and has the threads that hash for all of them. */
public final class Publishers implements AutoCloseable {
  private final SwarmBackendConfig config;
  private final Torrents torrents;
  private final Executor disk;
  private final PublisherSetup setup;
  private final HashCrew crew = new HashCrew(Runtime.getRuntime().availableProcessors());

  /**
   * Takes what the publishers share.
   *
   * @param disk where blocking looks at files run
   */
  public Publishers(
      SwarmBackendConfig config,
      MetainfoCodec codec,
      Torrents torrents,
      Executor disk,
      Clock clock) {
    this(
        config,
        torrents,
        disk,
        PublisherSetup.standard(clock, config.mapped(), codec, config.secret()));
  }

  Publishers(SwarmBackendConfig config, Torrents torrents, Executor disk, PublisherSetup setup) {
    this.config = config;
    this.torrents = torrents;
    this.disk = disk;
    this.setup = setup;
  }

  /**
   * Makes a site's publisher; it does nothing before it is started.
   *
   * @param content the site's document root
   * @throws IOException if the root or the store can't be used
   */
  public Source publisher(SiteConfig site, Path content) throws IOException {
    DocumentRoot root = new DocumentRoot(content);
    Sidecars sidecars = new Sidecars(config.store().resolve("published"));
    MetainfoCache cache = new MetainfoCache(sidecars, setup.codec(), site.id(), config.secret());
    return new Publisher(
        root,
        new Publications(site, root, cache, torrents, crew, setup),
        new MetainfoAccess(config, setup.clock()),
        disk);
  }

  /** Ends the threads; the publishers were closed before. */
  @Override
  public void close() {
    crew.close();
  }
}
