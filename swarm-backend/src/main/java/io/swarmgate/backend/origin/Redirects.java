package io.swarmgate.backend.origin;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which redirects of an origin are followed for requests of our own: within its own host and port,
 * from there to TLS on the same host, and to hosts that are named. Pure.
 *
 * @param hosts names in lower case, with a port where it isn't the scheme's own
 */
record Redirects(Set<String> hosts) {
  /** One after the other, of one request. */
  static final int MOST = 5;

  private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

  /**
   * Where a response leads.
   *
   * @param from the URL it answers
   * @return empty if it is no redirect, or one that isn't followed
   */
  Optional<URI> next(URI from, int status, HttpHeaders headers) {
    Optional<String> location = headers.firstValue("Location");
    if (!STATUSES.contains(status) || location.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI to = from.resolve(location.get().strip());
      return isAllowed(from, to) ? Optional.of(to) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private boolean isAllowed(URI from, URI to) {
    boolean http = "http".equalsIgnoreCase(to.getScheme());
    boolean https = "https".equalsIgnoreCase(to.getScheme());
    boolean downgrade = http && "https".equalsIgnoreCase(from.getScheme());
    if ((!http && !https) || downgrade || to.getHost() == null || to.getUserInfo() != null) {
      return false;
    }
    boolean upgrade =
        https && authority(from).equals(host(from)) && authority(to).equals(host(from));
    return authority(to).equals(authority(from)) || upgrade || hosts.contains(authority(to));
  }

  private static String host(URI uri) {
    return uri.getHost().toLowerCase(Locale.ROOT);
  }

  /** Host, and port unless it is the scheme's own. */
  static String authority(URI uri) {
    int own = "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    int port = uri.getPort();
    return host(uri) + (port < 0 || port == own ? "" : ":" + port);
  }
}
