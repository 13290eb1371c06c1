package io.swarmgate.backend.config;

/**
 * A pattern over full, decoded URL paths in servlet syntax: {@code /downloads/*}, {@code *.iso}, or
 * an exact path.
 */
public record UrlPattern(String text) {
  /**
   * Parses one pattern.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  static UrlPattern parse(String text) {
    String fixed =
        isExtension(text)
            ? text.substring(2)
            : isPrefix(text) ? text.substring(0, text.length() - 2) : text;
    boolean rooted = isExtension(text) || text.startsWith("/");
    if (!rooted || fixed.indexOf('*') >= 0 || text.equals("/") || text.equals("*.")) {
      throw new IllegalArgumentException("/path/*, *.extension or an exact /path");
    }
    return new UrlPattern(text);
  }

  /** Whether the pattern covers {@code path}; {@code /a/*} covers {@code /a} too. */
  public boolean matches(String path) {
    if (isExtension(text)) {
      return path.endsWith(text.substring(1)) && !path.endsWith("/" + text.substring(1));
    }
    if (!isPrefix(text)) {
      return path.equals(text);
    }
    String prefix = text.substring(0, text.length() - 2);
    return path.startsWith(prefix)
        && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
  }

  /** How closely the pattern fits what it matches: exact, then the longer prefix, then *.ext. */
  public int rank() {
    if (isExtension(text)) {
      return 0;
    }
    return isPrefix(text) ? text.length() : Integer.MAX_VALUE;
  }

  private static boolean isExtension(String text) {
    return text.startsWith("*.");
  }

  private static boolean isPrefix(String text) {
    return text.endsWith("/*");
  }

  @Override
  public String toString() {
    return text;
  }
}
