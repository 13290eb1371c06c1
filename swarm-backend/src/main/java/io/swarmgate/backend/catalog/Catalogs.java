package io.swarmgate.backend.catalog;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.origin.EdgeFiles;
import io.swarmgate.backend.origin.PieceOrigins;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Makes the catalogues of a node's sites. */
public final class Catalogs {
  private final MetainfoCodec codec;
  private final Torrents torrents;
  private final EdgeFiles files;
  private final Executor disk;

  /**
   * Takes what the catalogues share.
   *
   * @param files keeps the pieces; shared with the node's edges
   * @param disk where blocking looks at files run
   */
  public Catalogs(MetainfoCodec codec, Torrents torrents, EdgeFiles files, Executor disk) {
    this.codec = codec;
    this.torrents = torrents;
    this.files = files;
    this.disk = disk;
  }

  /**
   * Makes a site's catalogue.
   *
   * @param directory of .torrent files
   * @param origins where else pieces can be had; null if the site has none
   * @throws IOException if the directory can't be used
   */
  public Source catalog(SiteConfig site, Path directory, @Nullable PieceOrigins origins)
      throws IOException {
    return catalog(site, directory, origins, StoredTorrents.RESCAN);
  }

  Source catalog(SiteConfig site, Path directory, @Nullable PieceOrigins origins, Duration rescan)
      throws IOException {
    return new TorrentCatalog(
        site,
        new DocumentRoot(directory),
        new TorrentFiles(codec),
        torrents,
        files,
        origins,
        disk,
        rescan);
  }
}
