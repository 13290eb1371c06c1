package io.swarmgate.backend.swarm;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;

/** The 20 bytes by which a peer names itself (BEP 3, BEP 20). */
public final class PeerId implements Comparable<PeerId> {
  private static final String CLIENT = "-SG0100-";

  private final byte[] bytes;

  PeerId(byte[] bytes) {
    if (bytes.length != 20) {
      throw new IllegalArgumentException("peer id: expected 20 bytes, got " + bytes.length);
    }
    this.bytes = bytes.clone();
  }

  /** A new one of ours. */
  public static PeerId random() {
    byte[] id = new byte[20];
    new SecureRandom().nextBytes(id);
    byte[] client = CLIENT.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(client, 0, id, 0, client.length);
    return new PeerId(id);
  }

  /** A copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The program and version it names, {@code SG0100} for one (BEP 20); empty if it names none. */
  String client() {
    String text = new String(bytes, 0, 8, StandardCharsets.ISO_8859_1);
    return text.matches("-[A-Za-z0-9]{6}-") ? text.substring(1, 7) : "";
  }

  @Override
  public int compareTo(PeerId other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof PeerId other && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
