package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Either side of an MSE handshake that may say what ours never says. */
final class MseByHand {
  private final InfoHash torrent;
  private final Random random = new Random(17);
  private final BigInteger privateKey = new BigInteger(160, random).setBit(159);
  private byte[] secret = new byte[0];

  MseByHand(InfoHash torrent) {
    this.torrent = torrent;
  }

  byte[] publicKey() {
    return MseKey.fixed(MseKey.G.modPow(privateKey, MseKey.P));
  }

  /** Takes what the other side sent first: its public key, and padding. */
  void agree(ByteBuffer theirs) {
    byte[] key = new byte[MseKey.SIZE];
    theirs.get(key);
    secret = MseKey.fixed(new BigInteger(1, key).modPow(privateKey, MseKey.P));
  }

  /** All that a dialler says once keys are agreed on. */
  byte[] offer(long verification, int ciphers, int padding, byte[] payload) {
    ByteBuffer fields = ByteBuffer.allocate(MseHandshake.VC_SIZE + 8 + padding + payload.length);
    putChoice(fields, verification, ciphers, padding);
    fields.putShort((short) payload.length).put(payload);
    cipher("keyA", "keyB").encrypt(fields.array(), 0, fields.capacity());
    byte[] name =
        MseHandshake.xor(
            MseHandshake.hash("req2", torrent.bytes()), MseHandshake.hash("req3", secret));
    return MseHandshake.concat(MseHandshake.hash("req1", secret), name, fields.array());
  }

  /** All that an accepting side says once keys are agreed on. */
  byte[] answer(int cipher, int padding) {
    ByteBuffer fields = ByteBuffer.allocate(MseHandshake.VC_SIZE + 6 + padding);
    putChoice(fields, 0, cipher, padding);
    cipher("keyB", "keyA").encrypt(fields.array(), 0, fields.capacity());
    return fields.array();
  }

  private void putChoice(ByteBuffer fields, long verification, int ciphers, int padding) {
    byte[] padded = new byte[padding];
    random.nextBytes(padded);
    fields.putLong(verification).putInt(ciphers).putShort((short) padding).put(padded);
  }

  /** Which cipher an accepting side's answer chooses. */
  int chosenIn(ByteBuffer answer) {
    byte[] bytes = new byte[answer.remaining()];
    answer.get(bytes);
    cipher("keyA", "keyB").decrypt(bytes, 0, bytes.length);
    ByteBuffer fields = ByteBuffer.wrap(bytes);
    if (fields.getLong() != 0) {
      throw new AssertionError("no verification: " + Arrays.toString(bytes));
    }
    int chosen = fields.getInt();
    if (fields.getShort() != fields.remaining()) {
      throw new AssertionError("not as much padding as it says: " + Arrays.toString(bytes));
    }
    return chosen;
  }

  private WireCipher cipher(String sending, String receiving) {
    return new WireCipher(
        MseHandshake.hash(sending, secret, torrent.bytes()),
        MseHandshake.hash(receiving, secret, torrent.bytes()));
  }
}
