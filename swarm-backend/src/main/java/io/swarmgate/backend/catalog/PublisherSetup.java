package io.swarmgate.backend.catalog;

import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.metainfo.HashedFile;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.metainfo.MetainfoMaker;
import io.swarmgate.backend.site.UrlPath;
import java.time.Clock;

/**
 * What a publisher works with.
 *
 * @param rescan when the document root is looked through again
 * @param watching tells of changes below it
 * @param secret salts the metainfo; may be empty
 */
record PublisherSetup(
    Clock clock,
    Rescan rescan,
    WatchedDirectories.Watching.Opener watching,
    Settling settling,
    boolean mapped,
    HashJob.Hasher hasher,
    MetainfoCodec codec,
    Secret secret) {
  static PublisherSetup standard(Clock clock, boolean mapped, MetainfoCodec codec, Secret secret) {
    return new PublisherSetup(
        clock,
        Rescan.DEFAULT,
        WatchedDirectories::open,
        Settling.DEFAULT,
        mapped,
        MetainfoMaker::hash,
        codec,
        secret);
  }

  /** Makes a hashed file's metainfo, named as its URL is. */
  Metainfo encode(UrlPath path, HashedFile hashed) {
    String name = path.decoded().substring(path.decoded().lastIndexOf('/') + 1);
    return hashed.hashes().encode(codec, name, secret.bytes());
  }
}
