package io.swarmgate.backend.catalog;

import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.metainfo.HashedFile;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.metainfo.MetainfoMaker;
import io.swarmgate.backend.site.UrlPath;
import java.time.Clock;
import java.time.Duration;

/**
 * What a publisher works with.
 *
 * @param rescan time between two looks through the document root
 * @param secret salts the metainfo; may be empty
 */
record PublisherSetup(
    Clock clock,
    Duration rescan,
    Settling settling,
    boolean mapped,
    HashJob.Hasher hasher,
    MetainfoCodec codec,
    Secret secret) {
  private static final Duration RESCAN = Duration.ofSeconds(5);

  static PublisherSetup standard(Clock clock, boolean mapped, MetainfoCodec codec, Secret secret) {
    return new PublisherSetup(
        clock, RESCAN, Settling.DEFAULT, mapped, MetainfoMaker::hash, codec, secret);
  }

  /** Makes a hashed file's metainfo, named as its URL is. */
  Metainfo encode(UrlPath path, HashedFile hashed) {
    String name = path.decoded().substring(path.decoded().lastIndexOf('/') + 1);
    return hashed.hashes().encode(codec, name, secret.bytes());
  }
}
