package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.site.Torrents;
import java.net.http.HttpClient;
import java.time.Clock;
import java.util.concurrent.Executor;

/**
 * What the edges of a node share.
 *
 * @param pseudonym this node's name in Via, unlike any other's
 * @param secret makes the token shown to publishers; may be empty
 * @param work runs what follows an origin's answer, and waiters; never waits long
 */
record EdgeSetup(
    HttpClient http,
    OriginTimeouts timeouts,
    String pseudonym,
    Secret secret,
    MetainfoCodec codec,
    Torrents torrents,
    EdgeFiles files,
    Executor work,
    Clock clock) {

  OriginClient client(SiteConfig site) {
    return new OriginClient(http, site.origins(), secret, timeouts, "1.1 " + pseudonym);
  }
}
