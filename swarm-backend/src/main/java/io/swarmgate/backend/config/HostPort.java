package io.swarmgate.backend.config;

/**
 * A host and a TCP port.
 *
 * @param host a name or an address, IPv6 without brackets
 * @param port from 0 to 65535; 0 lets the system choose where something listens
 */
public record HostPort(String host, int port) {
  /**
   * Parses {@code host:port} or {@code [IPv6]:port}.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      host = "";
    }
    if (host.isEmpty()) {
      throw new IllegalArgumentException("host:port");
    }
    return new HostPort(host, Parsers.port(text.substring(colon + 1)));
  }

  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
