package io.swarmgate.backend.swarm;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.metainfo.InfoHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * One side of a message stream encryption handshake, as Vuze specified it, without I/O: it is given
 * bytes and gives bytes. It says how many it can take, never more than are sure to belong to it, so
 * nothing that follows is swallowed; it holds at most a few hundred bytes. Not thread-safe.
 *
 * <p>The key computation takes a good part of a millisecond and stands apart: in state {@link
 * State#AGREE}, call {@link #agree}, on whatever thread.
 */
final class MseHandshake {
  /** What comes next. */
  enum State {
    /** The other side's public key is awaited. */
    KEY,
    /** {@link #agree} is to be called. */
    AGREE,
    /** Padding of unknown length is passed over until the mark that ends it. */
    SYNC,
    /** Accepting: which torrent it is about. */
    TORRENT,
    /** What the dialler offers, or the accepting side chose. */
    CRYPTO,
    /** Padding of known length. */
    PADDING,
    /** Accepting: length of the payload that comes with the handshake. */
    PAYLOAD_LENGTH,
    /** Accepting: that payload. */
    PAYLOAD,
    DONE
  }

  static final int PLAINTEXT = 1;
  static final int RC4 = 2;

  /** Longest padding, both ways. */
  static final int MAX_PADDING = 512;

  private static final int HASH_SIZE = 20;
  static final int VC_SIZE = 8;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final boolean dialling;
  private final int allowed;
  private final @Nullable MseTorrents torrents;
  private final byte[] payload;
  private @Nullable InfoHash infoHash;

  private State state = State.KEY;
  private byte[] in = new byte[MseKey.SIZE];
  private int count;
  private @Nullable MseKey key;
  private MseMark mark = new MseMark(new byte[0], 0);
  private byte[] secret = new byte[0];
  private ByteBuffer out = ByteBuffer.allocate(0);
  private @Nullable WireCipher cipher;

  /** A dialler's streams while it looks for the mark, which isn't to be decrypted. */
  private @Nullable WireCipher pendingCipher;

  private int selected;
  private byte[] received = new byte[0];

  private MseHandshake(
      boolean dialling,
      Encryption policy,
      @Nullable MseTorrents torrents,
      @Nullable InfoHash infoHash,
      byte[] payload) {
    this.dialling = dialling;
    this.torrents = torrents;
    this.infoHash = infoHash;
    this.payload = payload;
    allowed = policy == Encryption.REQUIRE ? RC4 : RC4 | PLAINTEXT;
  }

  /**
   * The side that speaks first; its {@link #agree} is due at once.
   *
   * @param payload what is sent with the handshake, encrypted
   */
  static MseHandshake dialling(Encryption policy, InfoHash infoHash, byte[] payload) {
    MseHandshake mse = new MseHandshake(true, policy, null, infoHash, payload.clone());
    mse.state = State.AGREE;
    return mse;
  }

  /** The side that answers. */
  static MseHandshake accepting(Encryption policy, MseTorrents torrents) {
    return new MseHandshake(false, policy, torrents, null, new byte[0]);
  }

  State state() {
    return state;
  }

  /** How many bytes it can take now. */
  int wanted() {
    return switch (state) {
      case AGREE, DONE -> 0;
      case SYNC -> mark.wanted();
      default -> in.length - count;
    };
  }

  /** Takes what has to be sent; empty if nothing has. */
  ByteBuffer toSend() {
    ByteBuffer sending = out;
    out = ByteBuffer.allocate(0);
    return sending;
  }

  /**
   * Takes bytes from the other side, at most as many as are {@link #wanted}.
   *
   * @throws ProtocolException if they can't be right
   */
  void receive(ByteBuffer bytes) throws ProtocolException {
    if (bytes.remaining() > wanted()) {
      throw new IllegalArgumentException(
          "expected at most " + wanted() + " bytes, got " + bytes.remaining());
    }
    if (state == State.SYNC) {
      sync(bytes);
      return;
    }
    int length = bytes.remaining();
    bytes.get(in, count, length);
    if (cipher != null) {
      cipher.decrypt(in, count, length);
    }
    count += length;
    // A length of zero is complete without another byte.
    while (state != State.AGREE && state != State.SYNC && state != State.DONE && wanted() == 0) {
      complete();
    }
  }

  private void complete() throws ProtocolException {
    switch (state) {
      case KEY -> state = State.AGREE;
      case TORRENT -> torrent();
      case CRYPTO -> crypto();
      case PADDING -> {
        if (dialling) {
          done();
        } else {
          await(State.PAYLOAD_LENGTH, 2);
        }
      }
      case PAYLOAD_LENGTH -> {
        int length = Short.toUnsignedInt(ByteBuffer.wrap(in).getShort());
        if (length > Handshake.SIZE) {
          throw new ProtocolException(
              "MSE: expected at most a handshake as initial payload, got " + length + " bytes");
        }
        await(State.PAYLOAD, length);
      }
      case PAYLOAD -> answer();
      default -> throw new IllegalStateException("nothing is awaited in " + state);
    }
  }

  private void await(State next, int length) {
    state = next;
    in = new byte[length];
    count = 0;
  }

  /**
   * Computes our public key, and the secret once theirs has come.
   *
   * @throws ProtocolException if their key is none
   */
  void agree() throws ProtocolException {
    if (state != State.AGREE) {
      throw new IllegalStateException("no key is due in " + state);
    }
    boolean theirsCame = count == MseKey.SIZE;
    byte[] ours = new byte[0];
    MseKey mine = key;
    if (mine == null) {
      mine = new MseKey(RANDOM);
      key = mine;
      ours = concat(mine.shown(), padding());
    }
    if (theirsCame) {
      secret = mine.secret(in);
      key = null;
    }
    if (!theirsCame) {
      out = ByteBuffer.wrap(ours);
      await(State.KEY, MseKey.SIZE);
    } else if (dialling) {
      offer();
    } else {
      out = ByteBuffer.wrap(ours);
      awaitMark(hash("req1", secret));
    }
  }

  /** Random bytes, of a random length. */
  private static byte[] padding() {
    byte[] padding = new byte[RANDOM.nextInt(MAX_PADDING + 1)];
    RANDOM.nextBytes(padding);
    return padding;
  }

  private void awaitMark(byte[] ending) {
    mark = new MseMark(ending, MAX_PADDING);
    await(State.SYNC, 0);
  }

  /** Which torrent, what ciphers, and the payload: all a dialler has to say. */
  private void offer() {
    InfoHash about = known();
    WireCipher made = cipher("keyA", "keyB", about);
    byte[] padding = new byte[RANDOM.nextInt(MAX_PADDING + 1)];
    byte[] secretPart =
        ByteBuffer.allocate(VC_SIZE + 4 + 2 + padding.length + 2 + payload.length)
            .put(new byte[VC_SIZE])
            .putInt(allowed)
            .putShort((short) padding.length)
            .put(padding)
            .putShort((short) payload.length)
            .put(payload)
            .array();
    made.encrypt(secretPart, 0, secretPart.length);
    byte[] name = xor(hash("req2", about.bytes()), hash("req3", secret));
    out = ByteBuffer.wrap(concat(hash("req1", secret), name, secretPart));
    // Their VC is eight zeros encrypted: what our receiving stream makes of eight zeros.
    byte[] vc = new byte[VC_SIZE];
    made.decrypt(vc, 0, VC_SIZE);
    awaitMark(vc);
    pendingCipher = made;
  }

  private void sync(ByteBuffer bytes) throws ProtocolException {
    mark.take(bytes);
    if (mark.wanted() > 0) {
      return;
    }
    if (dialling) {
      cipher = pendingCipher;
      await(State.CRYPTO, 4 + 2);
    } else {
      await(State.TORRENT, HASH_SIZE);
    }
  }

  private void torrent() throws ProtocolException {
    InfoHash found = torrents == null ? null : torrents.find(xor(in, hash("req3", secret)));
    if (found == null) {
      throw new ProtocolException("MSE: expected a torrent that is known, got another");
    }
    infoHash = found;
    cipher = cipher("keyB", "keyA", found);
    await(State.CRYPTO, VC_SIZE + 4 + 2);
  }

  private void crypto() throws ProtocolException {
    ByteBuffer fields = ByteBuffer.wrap(in);
    if (!dialling && fields.getLong() != 0) {
      throw new ProtocolException("MSE: expected eight zeros as verification, got another value");
    }
    int theirs = fields.getInt();
    // Of several, RC4: who allows plaintext too has asked for it to be preferred.
    selected = (theirs & allowed & RC4) != 0 ? RC4 : theirs & allowed & PLAINTEXT;
    if (selected == 0 || (dialling && theirs != selected)) {
      throw new ProtocolException(
          "MSE: expected a cipher of " + allowed + " (1 plaintext, 2 RC4), got " + theirs);
    }
    int padding = Short.toUnsignedInt(fields.getShort());
    if (padding > MAX_PADDING) {
      throw new ProtocolException(
          "MSE: expected at most " + MAX_PADDING + " bytes of padding, got " + padding);
    }
    await(State.PADDING, padding);
  }

  private void answer() {
    received = in;
    byte[] padding = new byte[RANDOM.nextInt(MAX_PADDING + 1)];
    byte[] reply =
        ByteBuffer.allocate(VC_SIZE + 4 + 2 + padding.length)
            .putLong(0)
            .putInt(selected)
            .putShort((short) padding.length)
            .put(padding)
            .array();
    if (cipher != null) {
      cipher.encrypt(reply, 0, reply.length);
    }
    out = ByteBuffer.wrap(reply);
    done();
  }

  private void done() {
    if (selected == PLAINTEXT) {
      cipher = null;
    }
    secret = new byte[0];
    await(State.DONE, 0);
  }

  /** Once done: the streams for all that follows, or null if that is plaintext. */
  @Nullable WireCipher cipher() {
    return state == State.DONE ? cipher : null;
  }

  /** Once done, accepting: the payload that came with the handshake, decrypted. */
  byte[] payload() {
    return received.clone();
  }

  private InfoHash known() {
    if (infoHash == null) {
      throw new IllegalStateException("no torrent has been named");
    }
    return infoHash;
  }

  private WireCipher cipher(String sending, String receiving, InfoHash about) {
    byte[] skey = about.bytes();
    return new WireCipher(hash(sending, secret, skey), hash(receiving, secret, skey));
  }

  /** SHA-1 over a label and what follows it. */
  static byte[] hash(String label, byte[]... parts) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(label.getBytes(StandardCharsets.US_ASCII));
      for (byte[] part : parts) {
        sha1.update(part);
      }
      return sha1.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime has no SHA-1", e);
    }
  }

  static byte[] xor(byte[] a, byte[] b) {
    byte[] result = a.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] ^= b[i];
    }
    return result;
  }

  static byte[] concat(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
