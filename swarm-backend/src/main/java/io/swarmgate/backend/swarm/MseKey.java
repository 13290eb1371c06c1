package io.swarmgate.backend.swarm;

import java.math.BigInteger;
import java.security.SecureRandom;

/**
 * One side's key of the Diffie-Hellman exchange that an MSE handshake begins with. Each of the two
 * computations takes a good part of a millisecond. Used once, by one thread at a time.
 */
final class MseKey {
  /** Length of a public key, and of the secret, in bytes. */
  static final int SIZE = 96;

  static final BigInteger P =
      new BigInteger(
          "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
              + "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
              + "4FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563",
          16);
  static final BigInteger G = BigInteger.TWO;
  private static final int PRIVATE_BITS = 160;

  private final BigInteger secretKey;

  MseKey(SecureRandom random) {
    secretKey = new BigInteger(PRIVATE_BITS, random).setBit(PRIVATE_BITS - 1);
  }

  /** What the other side is sent. */
  byte[] shown() {
    return fixed(G.modPow(secretKey, P));
  }

  /**
   * What both sides know once each has the other's.
   *
   * @param theirs what the other side sent
   * @throws ProtocolException if that is no key
   */
  byte[] secret(byte[] theirs) throws ProtocolException {
    BigInteger key = new BigInteger(1, theirs);
    if (key.compareTo(BigInteger.ONE) <= 0 || key.compareTo(P.subtract(BigInteger.ONE)) >= 0) {
      throw new ProtocolException("MSE: expected a public key from 2 to P - 2, got another");
    }
    return fixed(key.modPow(secretKey, P));
  }

  /** A number below P at its full length. */
  static byte[] fixed(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] fixed = new byte[SIZE];
    int length = Math.min(bytes.length, SIZE);
    System.arraycopy(bytes, bytes.length - length, fixed, SIZE - length, length);
    return fixed;
  }
}
