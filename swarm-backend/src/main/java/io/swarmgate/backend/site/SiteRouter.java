package io.swarmgate.backend.site;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.config.SiteConfig;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the site that answers for a request. Immutable; no I/O. */
public final class SiteRouter {
  /** Below every rank that a pattern may have. */
  private static final int NONE = -1;

  private final List<SiteConfig> sites;

  public SiteRouter(List<SiteConfig> sites) {
    this.sites = List.copyOf(sites);
  }

  /**
   * The site whose host and pattern fit best: one that names the host before one for any host, then
   * the closest pattern. Empty if none fits, the path is refused, or the method isn't GET or HEAD.
   */
  public Optional<SiteRequest> route(RequestView view) {
    if (!view.method().equals("GET") && !view.method().equals("HEAD")) {
      return Optional.empty();
    }
    return UrlPath.parse(view.rawPath()).flatMap(path -> route(path, view));
  }

  private Optional<SiteRequest> route(UrlPath path, RequestView view) {
    Optional<SiteRequest> direct =
        best(path, view.host()).map(site -> new SiteRequest(site, path, false, view));
    String suffix = SiteRequest.METAINFO_SUFFIX;
    if (!path.decoded().endsWith(suffix) || path.decoded().endsWith("/" + suffix)) {
      return direct;
    }
    UrlPath file =
        new UrlPath(path.decoded().substring(0, path.decoded().length() - suffix.length()));
    return best(file, view.host())
        .map(site -> new SiteRequest(site, file, true, view))
        .or(() -> direct);
  }

  private Optional<SiteConfig> best(UrlPath path, @Nullable String host) {
    String name = host == null ? "" : host.toLowerCase(Locale.ROOT);
    SiteConfig best = null;
    boolean bestNamed = false;
    int bestRank = NONE;
    // A plain loop: each request comes through here more than once.
    for (SiteConfig site : sites) {
      boolean named = !site.hosts().isEmpty();
      int rank =
          named && !site.hosts().contains(name) ? NONE : site.rank(path.decoded()).orElse(NONE);
      if (rank > NONE && (named == bestNamed ? rank > bestRank : named)) {
        best = site;
        bestNamed = named;
        bestRank = rank;
      }
    }
    return Optional.ofNullable(best);
  }
}
