package io.swarmgate.backend.site;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
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
    if (!raw.startsWith("/") || raw.toLowerCase(Locale.ROOT).contains("%2f")) {
      return Optional.empty();
    }
    return decode(withoutDots(raw)).filter(UrlPath::isServable).map(UrlPath::new);
  }

  private static String withoutDots(String raw) {
    String less = raw;
    while (less.contains("/./")) {
      less = less.replace("/./", "/");
    }
    return less;
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
    if (path.chars().anyMatch(c -> c < ' ' || c == '\\' || c == 0x7f)) {
      return false;
    }
    for (String segment : path.substring(1).split("/", -1)) {
      boolean hidden = segment.isEmpty() || segment.startsWith(".");
      // Path parameters (;v=1) are cut off by containers, so what they'd match isn't what we would.
      String name = segment.toUpperCase(Locale.ROOT);
      if (hidden || name.indexOf(';') >= 0 || name.equals("WEB-INF") || name.equals("META-INF")) {
        return false;
      }
    }
    return true;
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
