package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Rc4Test {
  /** RFC 6229 section 2, with keys of 40 to 256 bits. */
  @ParameterizedTest
  @CsvSource({
    "0102030405, 0, b2396305f03dc027ccc3524a0a1118a8",
    "0102030405, 1024, 30abbcc7c20b01609f23ee2d5f6bb7df",
    "0102030405060708090a0b0c0d0e0f10, 0, 9ac7cc9a609d1ef7b2932899cde41b97",
    "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20, 0,"
        + " eaa6bd25880bf93d3f5d1e4ca2611d91",
  })
  void isTheStreamOfTheTestVectors(String key, int offset, String expected) {
    byte[] zeros = new byte[offset + 16];
    new Rc4(HexFormat.of().parseHex(key)).apply(zeros, 0, zeros.length);
    assertThat(HexFormat.of().formatHex(Arrays.copyOfRange(zeros, offset, offset + 16)))
        .isEqualTo(expected);
  }

  @Test
  void isTheRuntimesStreamHoweverItIsCut() throws Exception {
    SplittableRandom random = new SplittableRandom(1);
    byte[] key = new byte[20];
    random.nextBytes(key);
    byte[] plain = new byte[200_000];
    random.nextBytes(plain);
    Cipher cipher = Cipher.getInstance("ARCFOUR");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "ARCFOUR"));

    byte[] ours = plain.clone();
    Rc4 stream = new Rc4(key);
    for (int at = 0, step; at < ours.length; at += step) {
      step = random.nextInt(0, Math.min(5_000, ours.length - at) + 1);
      stream.apply(ours, at, step);
    }

    assertThat(ours).isEqualTo(cipher.doFinal(plain));
  }
}
