package io.swarmgate.backend.origin;

import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.UrlPath;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What is asked of an origin: the path and query as the client sent them.
 *
 * @param text path, and query after a question mark if there is one, in characters a URI may hold
 */
record Target(String text) {
  private static final String ALLOWED = "-._~!$&'()*+,;=:@/?";

  static Target of(SiteRequest request) {
    String query = request.view().query();
    return new Target(legal(request.view().rawPath() + (query == null ? "" : "?" + query)));
  }

  /** The URL at an origin. */
  URI at(URI base) {
    return URI.create(base + text);
  }

  /** The last segment of the path, decoded: the file's name. */
  String name() {
    int mark = text.indexOf('?');
    String raw = mark < 0 ? text : text.substring(0, mark);
    String path = UrlPath.parse(raw).map(UrlPath::decoded).orElse(raw);
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Encodes what clients send although a URI can't hold it; leaves all else as it is. */
  static String legal(String raw) {
    StringBuilder legal = new StringBuilder();
    byte[] bytes = raw.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      char c = (char) (bytes[i] & 0xff);
      boolean escape =
          c == '%'
              && i + 2 < bytes.length
              && HexFormat.isHexDigit(bytes[i + 1])
              && HexFormat.isHexDigit(bytes[i + 2]);
      boolean letter = c < 0x80 && Character.isLetterOrDigit(c);
      if (escape || letter || ALLOWED.indexOf(c) >= 0) {
        legal.append(c);
      } else {
        legal.append('%').append(HexFormat.of().withUpperCase().toHexDigits(bytes[i]));
      }
    }
    return legal.toString();
  }

  /** Without the query, which may hold what no log should. */
  @Override
  public String toString() {
    int mark = text.indexOf('?');
    return mark < 0 ? text : text.substring(0, mark) + "?...";
  }
}
