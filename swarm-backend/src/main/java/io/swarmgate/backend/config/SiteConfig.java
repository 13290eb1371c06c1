package io.swarmgate.backend.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One site: which URLs it answers for and from where.
 *
 * @param id its name in {@code sites}; {@code default} where only one is configured
 * @param hosts host names in lower case; empty for any
 * @param patterns at least one
 * @param content document root of a publisher
 * @param origins base URLs of an edge, without a trailing slash, tried in order
 * @param redirectHosts hosts beside its own that an origin may redirect to, in lower case, with a
 *     port where it isn't the scheme's own
 * @param catalog directory of .torrent files of a catalogue node
 * @param authorize who decides about requests that the others above match
 * @param minSize bytes below which a representation is left alone
 */
public record SiteConfig(
    String id,
    List<String> hosts,
    List<UrlPattern> patterns,
    Optional<Path> content,
    List<URI> origins,
    List<String> redirectHosts,
    Optional<Path> catalog,
    Authorize authorize,
    QueryKey queryKey,
    Duration maxStall,
    Duration staleIfError,
    long minSize,
    Fill fill) {

  /** How closely the best of the patterns fits a decoded path; empty if none matches. */
  public OptionalInt rank(String path) {
    OptionalInt best = OptionalInt.empty();
    for (UrlPattern pattern : patterns) {
      if (pattern.matches(path) && pattern.rank() > best.orElse(-1)) {
        best = OptionalInt.of(pattern.rank());
      }
    }
    return best;
  }

  /** Of the name alone, which no two sites of a node share: each request looks one up. */
  @Override
  public int hashCode() {
    return id.hashCode();
  }
}
