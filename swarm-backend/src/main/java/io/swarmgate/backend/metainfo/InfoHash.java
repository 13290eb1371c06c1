package io.swarmgate.backend.metainfo;

import java.util.Arrays;
import java.util.HexFormat;

/** The SHA-1 of a torrent's info dictionary (BEP 3): 20 bytes that name a swarm. */
public final class InfoHash {
  /** Length of an info-hash in bytes. */
  public static final int LENGTH = 20;

  private final byte[] bytes;

  private InfoHash(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Takes a copy of 20 bytes.
   *
   * @throws IllegalArgumentException if there are not exactly 20
   */
  public static InfoHash of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException(
          "info-hash: expected " + LENGTH + " bytes, got " + bytes.length);
    }
    return new InfoHash(bytes.clone());
  }

  /**
   * Parses 40 hexadecimal digits, in either case.
   *
   * @throws IllegalArgumentException if {@code hex} is anything else
   */
  public static InfoHash parse(String hex) {
    if (hex.length() != 2 * LENGTH) {
      throw new IllegalArgumentException(
          "info-hash: expected " + 2 * LENGTH + " hexadecimal digits, got \"" + hex + "\"");
    }
    try {
      return new InfoHash(HexFormat.of().parseHex(hex));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "info-hash: expected " + 2 * LENGTH + " hexadecimal digits, got \"" + hex + "\"", e);
    }
  }

  /** Returns a copy of the 20 bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof InfoHash other && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Returns 40 lower-case hexadecimal digits; {@link #parse} is the way back. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
