package io.swarmgate.backend.config;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/**
 * A block of addresses, such as {@code 10.1.0.0/16}.
 *
 * @param network an address of the block
 * @param prefix how many leading bits the block's addresses share
 */
public record Cidr(InetAddress network, int prefix) {
  private static final String EXPECTED = "an address or a CIDR such as 10.1.0.0/16";

  /** {@code 127.0.0.0/8}. */
  public static final Cidr LOOPBACK_4 = parse("127.0.0.0/8");

  /** {@code ::1/128}. */
  public static final Cidr LOOPBACK_6 = parse("::1/128");

  /** An address as digits, IPv6 with or without brackets; empty if the text isn't one. */
  public static Optional<InetAddress> address(String text) {
    try {
      return Optional.of(Parsers.literalAddress(text.replaceAll("[\\[\\]]", ""), EXPECTED));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The block of one address. */
  public static Cidr of(InetAddress address) {
    return new Cidr(address, 8 * address.getAddress().length);
  }

  /**
   * Parses {@code ADDRESS/BITS}, or an address alone.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  static Cidr parse(String text) {
    int slash = text.indexOf('/');
    InetAddress network =
        Parsers.literalAddress(slash < 0 ? text : text.substring(0, slash), EXPECTED);
    if (slash < 0) {
      return of(network);
    }
    int prefix = Parsers.integer(text.substring(slash + 1), EXPECTED);
    if (prefix < 0 || prefix > 8 * network.getAddress().length) {
      throw new IllegalArgumentException(EXPECTED);
    }
    return new Cidr(network, prefix);
  }

  /** Whether {@code address} is in the block; never true across IPv4 and IPv6. */
  public boolean contains(InetAddress address) {
    byte[] ours = network.getAddress();
    byte[] theirs = address.getAddress();
    int whole = prefix / 8;
    if (ours.length != theirs.length || !Arrays.equals(ours, 0, whole, theirs, 0, whole)) {
      return false;
    }
    int rest = prefix % 8;
    return rest == 0 || ((ours[whole] ^ theirs[whole]) & 0xff & (0xff00 >> rest)) == 0;
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefix;
  }
}
