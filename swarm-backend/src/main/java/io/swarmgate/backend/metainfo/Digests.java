package io.swarmgate.backend.metainfo;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The hash functions of the field, which every Java platform has. */
public final class Digests {
  private Digests() {}

  /** A new SHA-1, the hash of pieces and info dictionaries. */
  public static MessageDigest sha1() {
    return digest("SHA-1");
  }

  /** A new SHA-256, the hash of whole contents. */
  public static MessageDigest sha256() {
    return digest("SHA-256");
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }
}
