package io.swarmgate.backend.origin;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.site.MetainfoAccess;
import io.swarmgate.backend.site.Torrents;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * What the edges of a node share.
 *
 * @param origins by base URL, each the same for all sites
 * @param pseudonym this node's name in Via, unlike any other's
 * @param secret makes the token shown to publishers; may be empty
 * @param access who is given metainfo that is made here
 * @param work runs what follows an origin's answer, and waiters; never waits long
 * @param ingest runs what takes files in; may wait for the disk
 */
record EdgeSetup(
    HttpClient http,
    Function<URI, Origin> origins,
    OriginTimeouts timeouts,
    String pseudonym,
    Secret secret,
    MetainfoCodec codec,
    Torrents torrents,
    EdgeFiles files,
    MetainfoAccess access,
    Executor work,
    Executor ingest,
    Clock clock) {

  /** Whether a request came through this node already. */
  boolean isOwn(RequestView view) {
    return view.fields("Via").stream().anyMatch(via -> via.contains(pseudonym));
  }

  OriginClient client(SiteConfig site) {
    return new OriginClient(
        http,
        site.origins().stream().map(origins).toList(),
        new Redirects(Set.copyOf(site.redirectHosts())),
        secret,
        timeouts,
        "1.1 " + pseudonym);
  }
}
