package io.swarmgate.backend.site;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.config.SiteConfig;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the site that answers for a request. Immutable; no I/O. */
public final class SiteRouter {
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
    return sites.stream()
        .filter(site -> site.hosts().isEmpty() || site.hosts().contains(name))
        .filter(site -> site.rank(path.decoded()).isPresent())
        .max(
            Comparator.<SiteConfig, Boolean>comparing(site -> !site.hosts().isEmpty())
                .thenComparing(site -> site.rank(path.decoded()).orElse(0)));
  }
}
