package io.swarmgate.backend.site;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.config.SiteConfig;

/**
 * A request that a site has a pattern for.
 *
 * @param site the site
 * @param path what was asked for, decoded
 * @param metainfo whether the .torrent beside {@code path} was asked for; {@code path} is without
 *     that ending then
 * @param view the request as it came
 */
public record SiteRequest(SiteConfig site, UrlPath path, boolean metainfo, RequestView view) {
  /** The ending of a file's metainfo's URL. */
  public static final String METAINFO_SUFFIX = ".torrent";

  /** The path as it was asked for, decoded. */
  public UrlPath asked() {
    return metainfo ? new UrlPath(path.decoded() + METAINFO_SUFFIX) : path;
  }
}
