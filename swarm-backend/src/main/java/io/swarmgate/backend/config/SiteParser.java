package io.swarmgate.backend.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the sites and checks that they don't claim the same URLs. */
final class SiteParser {
  private static final String ONLY_SITE = "default";
  private static final String ANY_HOST = "any host";

  private SiteParser() {}

  static List<SiteConfig> parse(Settings settings) {
    List<SiteConfig> sites = new ArrayList<>();
    List<String> ids = Parsers.items(settings.given(Setting.SITES));
    if (ids.isEmpty()) {
      sites.add(site(ONLY_SITE, settings));
    }
    for (String id : ids) {
      if (!id.matches("[A-Za-z0-9_-]+")) {
        settings.expected(Setting.SITES, "names of letters, digits, - and _", '"' + id + '"');
      } else if (Collections.frequency(ids, id) > 1) {
        settings.expected(Setting.SITES, "each site once", '"' + id + "\" more than once");
        return sites;
      } else {
        sites.add(site(id, settings.site(id)));
      }
    }
    checkClaims(settings, sites);
    return sites;
  }

  private static SiteConfig site(String id, Settings from) {
    SiteConfig site =
        new SiteConfig(
            id,
            from.list(Setting.HOSTS, Parsers::hostName),
            from.list(Setting.PATTERNS, UrlPattern::parse),
            from.find(Setting.CONTENT, from::resolve),
            from.list(Setting.ORIGIN, Parsers::baseUrl),
            from.list(Setting.REDIRECT_HOSTS, Parsers::authority),
            from.find(Setting.CATALOG, from::resolve),
            from.get(Setting.AUTHORIZE, text -> Parsers.word(Authorize.class, text)),
            from.get(Setting.QUERY_KEY, text -> QueryKey.of(Parsers.items(text))),
            from.get(Setting.MAX_STALL, Parsers::duration),
            from.get(Setting.STALE_IF_ERROR, Parsers::duration),
            from.get(Setting.MIN_SIZE, Parsers::size),
            from.get(Setting.FILL, text -> Parsers.word(Fill.class, text)));
    if (site.authorize() == Authorize.ORIGIN && !from.isGiven(Setting.ORIGIN)) {
      from.expected(Setting.AUTHORIZE, "none or chain where the site has no origin", "\"origin\"");
    }
    if (!from.isGiven(Setting.PATTERNS)) {
      from.expected(Setting.PATTERNS, "at least one pattern such as /downloads/*", "none");
    }
    if (!from.isGiven(Setting.CONTENT)
        && !from.isGiven(Setting.ORIGIN)
        && !from.isGiven(Setting.CATALOG)) {
      from.problem(
          from.name(Setting.CONTENT)
              + ": expected a source (content, origin or catalog) for the site, got none");
    }
    site.content().ifPresent(content -> checkDirectory(from, Setting.CONTENT, content));
    site.catalog().ifPresent(catalog -> checkDirectory(from, Setting.CATALOG, catalog));
    return site;
  }

  private static void checkDirectory(Settings from, Setting setting, Path directory) {
    if (!Files.isDirectory(directory) || !Files.isReadable(directory)) {
      from.expected(setting, "a readable directory", '"' + directory.toString() + '"');
    }
  }

  private static void checkClaims(Settings settings, List<SiteConfig> sites) {
    Map<String, String> claims = new HashMap<>();
    for (SiteConfig site : sites) {
      List<String> hosts = site.hosts().isEmpty() ? List.of(ANY_HOST) : site.hosts();
      for (String host : hosts) {
        for (UrlPattern pattern : site.patterns()) {
          String other = claims.putIfAbsent(host + " " + pattern, site.id());
          if (other != null) {
            settings
                .site(site.id())
                .expected(
                    Setting.PATTERNS,
                    "host and pattern that no other site has",
                    '"' + pattern.text() + "\" on " + host + ", claimed by " + other + " too");
          }
        }
      }
    }
  }
}
