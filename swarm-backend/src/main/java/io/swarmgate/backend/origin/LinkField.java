package io.swarmgate.backend.origin;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds metainfo among the Link fields of a response (RFC 8288). Pure. */
final class LinkField {
  /** A target, and the parameters up to the comma that no quote holds. */
  private static final Pattern LINK =
      Pattern.compile("<([^>]*)>((?:[^,\"]|\"(?:\\\\.|[^\"\\\\])*\")*)");

  private static final Pattern PARAMETER =
      Pattern.compile(
          ";\\s*([A-Za-z0-9*_-]+)\\s*=\\s*(?:\"((?:\\\\.|[^\"\\\\])*)\"|([^\\s;,\"]+))");

  private static final String TYPE = "application/x-bittorrent";

  private LinkField() {}

  /**
   * Where the response's metainfo is: the first link described by application/x-bittorrent.
   *
   * @param values the Link fields' values
   * @param context the response's own URL
   * @return an absolute URL; empty if there is none
   */
  static Optional<URI> metainfo(List<String> values, URI context) {
    for (String value : values) {
      Matcher link = LINK.matcher(value);
      while (link.find()) {
        if (isMetainfo(link.group(2))) {
          try {
            return Optional.of(context.resolve(link.group(1).strip()));
          } catch (IllegalArgumentException e) {
            return Optional.empty();
          }
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isMetainfo(String parameters) {
    boolean describes = false;
    boolean torrent = false;
    Matcher parameter = PARAMETER.matcher(parameters);
    while (parameter.find()) {
      String value = parameter.group(2) == null ? parameter.group(3) : parameter.group(2);
      if (parameter.group(1).equalsIgnoreCase("rel")) {
        describes = List.of(value.strip().split("\\s+")).contains("describedby");
      } else if (parameter.group(1).equalsIgnoreCase("type")) {
        torrent = value.strip().equalsIgnoreCase(TYPE);
      }
    }
    return describes && torrent;
  }
}
