package io.swarmgate.backend.config;

/**
 * Where a peer, or several behind one name, can be reached.
 *
 * @param at host and port
 * @param everyRecord whether the host is a name all of whose A and AAAA records are peers, looked
 *     up again and again
 */
public record PeerAddress(HostPort at, boolean everyRecord) {
  private static final String DNS = "dns:";

  /**
   * Parses {@code host:port} or {@code dns:name:port}.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  static PeerAddress parse(String text) {
    boolean dns = text.startsWith(DNS);
    try {
      return new PeerAddress(HostPort.parse(dns ? text.substring(DNS.length()) : text), dns);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("host:port or dns:name:port", e);
    }
  }

  @Override
  public String toString() {
    return (everyRecord ? DNS : "") + at;
  }
}
