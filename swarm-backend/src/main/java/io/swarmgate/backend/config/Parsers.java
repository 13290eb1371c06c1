package io.swarmgate.backend.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text to values. Each function throws IllegalArgumentException whose message is what it expected,
 * nothing else; {@link Settings} makes a full sentence of it.
 */
final class Parsers {
  private static final Pattern NUMBER_UNIT = Pattern.compile("(\\d{1,18})\\s*([A-Za-z]*)");
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private static final Map<String, Long> SIZES =
      Map.of(
          "",
          1L,
          "b",
          1L,
          "kib",
          1L << 10,
          "mib",
          1L << 20,
          "gib",
          1L << 30,
          "tib",
          1L << 40,
          "kb",
          1_000L,
          "mb",
          1_000_000L,
          "gb",
          1_000_000_000L,
          "tb",
          1_000_000_000_000L);

  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  private Parsers() {}

  /** Bytes: {@code 64GiB}, {@code 500MB}, {@code 4096}. */
  static long size(String text) {
    return scaled(text, SIZES, "a size such as 64GiB or 500MB");
  }

  /** {@code 500ms}, {@code 20s}, {@code 5m}, {@code 1h}, {@code 2d}, or 0. */
  static Duration duration(String text) {
    return text.equals("0")
        ? Duration.ZERO
        : Duration.ofMillis(scaled(text, MILLIS, "a duration such as 500ms, 20s or 1h"));
  }

  private static long scaled(String text, Map<String, Long> units, String expected) {
    Matcher matcher = NUMBER_UNIT.matcher(text);
    Long unit = matcher.matches() ? units.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(expected);
    }
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(expected, e);
    }
  }

  static boolean bool(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new IllegalArgumentException("true or false");
    }
    return text.equals("true");
  }

  /** A constant of {@code type} by its name in lower case. */
  static <E extends Enum<E>> E word(Class<E> type, String text) {
    List<E> all = List.of(type.getEnumConstants());
    return all.stream()
        .filter(constant -> lower(constant).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "one of " + String.join(", ", all.stream().map(Parsers::lower).toList())));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  static int port(String text) {
    String expected = "a port from 0 to 65535";
    int port = integer(text, expected);
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException(expected);
    }
    return port;
  }

  static int integer(String text, String expected) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(expected, e);
    }
  }

  /** An address as digits; never asks a name server. */
  static InetAddress literalAddress(String text, String expected) {
    if (!IPV4.matcher(text).matches() && text.indexOf(':') < 0) {
      throw new IllegalArgumentException(expected);
    }
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(expected, e);
    }
  }

  /** A base URL, without its trailing slash. */
  static URI baseUrl(String text) {
    String expected = "http://host[:port][/path] or https://..., without user, query and fragment";
    URI uri;
    try {
      uri = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(expected, e);
    }
    boolean http = "http".equalsIgnoreCase(uri.getScheme());
    boolean plain =
        uri.getUserInfo() == null && uri.getQuery() == null && uri.getFragment() == null;
    if (!(http || "https".equalsIgnoreCase(uri.getScheme())) || uri.getHost() == null || !plain) {
      throw new IllegalArgumentException(expected);
    }
    return uri;
  }

  /** A tracker's announce URL; with UDP, the port has no default. */
  static URI announceUrl(String text) {
    String expected = "an announce URL, http://..., https://... or udp://host:port, without user";
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(expected, e);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean known =
        switch (scheme) {
          case "http", "https" -> true;
          case "udp" -> uri.getPort() >= 0;
          default -> false;
        };
    if (!known
        || uri.getHost() == null
        || uri.getUserInfo() != null
        || uri.getFragment() != null
        || uri.getPort() == 0
        || uri.getPort() > 65535) {
      throw new IllegalArgumentException(expected);
    }
    return uri;
  }

  /** Where others connect to us, so the port can't be 0. */
  static HostPort advertised(String text) {
    String expected = "host:port";
    HostPort at;
    try {
      at = HostPort.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(expected, e);
    }
    if (at.port() == 0) {
      throw new IllegalArgumentException(expected + ", the port from 1 to 65535");
    }
    return at;
  }

  static String hostName(String text) {
    if (text.isEmpty() || !text.matches("[A-Za-z0-9._\\[\\]:-]+")) {
      throw new IllegalArgumentException("a host name");
    }
    return text.toLowerCase(Locale.ROOT);
  }

  /** A host, with a port where one is given; in lower case. */
  static String authority(String text) {
    if (!text.matches("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?")) {
      throw new IllegalArgumentException("host or host:port");
    }
    return text.toLowerCase(Locale.ROOT);
  }

  /** A comma list's items, trimmed; empty ones are dropped. */
  static List<String> items(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }
}
