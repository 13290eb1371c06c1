package io.swarmgate.backend.catalog;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.origin.EdgeFiles;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;

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
   * @throws IOException if the directory can't be used
   */
  public Source catalog(SiteConfig site, Path directory) throws IOException {
    return new TorrentCatalog(
        site, new DocumentRoot(directory), new TorrentFiles(codec), torrents, files, disk);
  }
}
