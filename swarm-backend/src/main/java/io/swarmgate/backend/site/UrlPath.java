package io.swarmgate.backend.site;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A URL's path, decoded once.
 *
 * @param decoded begins with a slash; has no empty, dot or hidden segment, no backslash, no NUL
 */
public record UrlPath(String decoded) {
  /**
   * Decodes a path as it was sent, less its segments of a single dot (RFC 3986 section 5.2.4): apt
   * asks for {@code /dir/./Packages}.
   *
   * @return empty if it is not one that a file may be served under: malformed or not UTF-8, an
   *     encoded slash or NUL, a backslash, an empty segment, any other segment that begins with a
   *     dot or holds a semicolon, WEB-INF or META-INF in any case
   */
  public static Optional<UrlPath> parse(String raw) {
    if (!raw.startsWith("/") || raw.contains("%2f") || raw.contains("%2F")) {
      return Optional.empty();
    }
    String sent = withoutDots(raw);
    return (isPlain(sent) ? Optional.of(sent) : decode(sent))
        .filter(UrlPath::isServable)
        .map(UrlPath::new);
  }

  private static String withoutDots(String raw) {
    String less = raw;
    while (less.contains("/./")) {
      less = less.replace("/./", "/");
    }
    return less;
  }

  /** Whether decoding would change nothing, as for most paths; each request is parsed. */
  private static boolean isPlain(String raw) {
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) == '%' || raw.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static Optional<String> decode(String raw) {
    ByteBuffer bytes = ByteBuffer.allocate(3 * raw.length());
    int i = 0;
    while (i < raw.length()) {
      char c = raw.charAt(i);
      if (c == '%') {
        int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
        int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          return Optional.empty();
        }
        bytes.put((byte) (high << 4 | low));
        i += 3;
      } else {
        int codePoint = raw.codePointAt(i);
        bytes.put(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(codePoint);
      }
    }
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** Whether a decoded path that begins with a slash is one that a file may be served under. */
  public static boolean isServable(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      // Path parameters (;v=1) are cut off by containers, so what they'd match isn't what we would.
      if (c < ' ' || c == '\\' || c == 0x7f || c == ';') {
        return false;
      }
    }
    for (int start = 1; start <= path.length(); ) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      boolean hidden = start == end || path.charAt(start) == '.';
      if (hidden || isNamed("WEB-INF", path, start, end) || isNamed("META-INF", path, start, end)) {
        return false;
      }
      start = end + 1;
    }
    return true;
  }

  private static boolean isNamed(String name, String path, int start, int end) {
    return end - start == name.length() && path.regionMatches(true, start, name, 0, end - start);
  }

  /** The path as a URL carries it, percent-encoded. */
  public String encoded() {
    StringBuilder encoded = new StringBuilder();
    for (byte b : decoded.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (plain || "-._~/!$&()*+,=:@".indexOf(c) >= 0) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return encoded.toString();
  }

  @Override
  public String toString() {
    return decoded;
  }
}
