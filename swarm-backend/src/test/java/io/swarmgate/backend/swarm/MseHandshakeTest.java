package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.metainfo.InfoHash;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MseHandshakeTest {
  private static final InfoHash TORRENT = InfoHash.of(new byte[20]);
  private static final byte[] HELLO = new byte[Handshake.SIZE];

  private final MseTorrents torrents = new MseTorrents();

  MseHandshakeTest() {
    torrents.add(TORRENT);
    new Random(1).nextBytes(HELLO);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 50, 4096})
  void bothSidesAgreeHoweverTheBytesAreSplit(int most) throws Exception {
    for (int seed = 0; seed < 10; seed++) {
      MseHandshake dialler = MseHandshake.dialling(Encryption.PREFER, TORRENT, HELLO);
      MseHandshake acceptor = MseHandshake.accepting(Encryption.PREFER, torrents);
      talk(dialler, acceptor, most, new Random(seed));
      assertThat(acceptor.payload()).isEqualTo(HELLO);
      assertSameStreams(dialler, acceptor);
    }
  }

  @ParameterizedTest
  @CsvSource({"REQUIRE, REQUIRE", "REQUIRE, PREFER", "PREFER, REQUIRE", "PREFER, PREFER"})
  void rc4IsChosenWheneverBothSidesCan(Encryption dials, Encryption accepts) throws Exception {
    MseHandshake dialler = MseHandshake.dialling(dials, TORRENT, HELLO);
    MseHandshake acceptor = MseHandshake.accepting(accepts, torrents);
    talk(dialler, acceptor, 64, new Random(3));
    assertSameStreams(dialler, acceptor);
  }

  @Test
  void anUnknownTorrentIsRefused() {
    InfoHash other = InfoHash.parse("ff".repeat(20));
    MseHandshake dialler = MseHandshake.dialling(Encryption.PREFER, other, HELLO);
    MseHandshake acceptor = MseHandshake.accepting(Encryption.PREFER, torrents);
    assertThatThrownBy(() -> talk(dialler, acceptor, 64, new Random(3)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("torrent");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void garbageEndsAfterTheLongestPadding(boolean dialling) throws Exception {
    MseHandshake mse =
        dialling
            ? MseHandshake.dialling(Encryption.PREFER, TORRENT, HELLO)
            : MseHandshake.accepting(Encryption.PREFER, torrents);
    Random random = new Random(5);
    if (dialling) {
      mse.agree();
    }
    int[] taken = {0};
    assertThatThrownBy(
            () -> {
              while (true) {
                if (mse.state() == MseHandshake.State.AGREE) {
                  mse.agree();
                }
                byte[] bytes = new byte[mse.wanted()];
                random.nextBytes(bytes);
                // A public key below P.
                bytes[0] &= 0x7f;
                taken[0] += bytes.length;
                mse.receive(ByteBuffer.wrap(bytes));
              }
            })
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("padding");
    assertThat(taken[0]).isLessThanOrEqualTo(MseKey.SIZE + 512 + 40);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aPublicKeyThatGivesTheSecretAwayIsRefused(int key) throws Exception {
    MseHandshake acceptor = MseHandshake.accepting(Encryption.PREFER, torrents);
    byte[] bytes = new byte[MseKey.SIZE];
    bytes[bytes.length - 1] = (byte) key;
    acceptor.receive(ByteBuffer.wrap(bytes));
    assertThatThrownBy(acceptor::agree)
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("public key");
  }

  @Test
  void aPayloadLongerThanAHandshakeIsRefused() {
    MseHandshake dialler = MseHandshake.dialling(Encryption.PREFER, TORRENT, new byte[69]);
    MseHandshake acceptor = MseHandshake.accepting(Encryption.PREFER, torrents);
    assertThatThrownBy(() -> talk(dialler, acceptor, 64, new Random(3)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("got 69 bytes");
  }

  @Test
  void itTakesNoByteThatFollowsTheHandshake() throws Exception {
    MseHandshake dialler = MseHandshake.dialling(Encryption.PREFER, TORRENT, HELLO);
    MseHandshake acceptor = MseHandshake.accepting(Encryption.PREFER, torrents);
    talk(dialler, acceptor, 4096, new Random(9));
    assertThat(dialler.wanted()).isZero();
    assertThat(acceptor.wanted()).isZero();
  }

  private static void assertSameStreams(MseHandshake a, MseHandshake b) {
    WireCipher left = Objects.requireNonNull(a.cipher());
    WireCipher right = Objects.requireNonNull(b.cipher());
    byte[] content = new byte[100_000];
    new Random(7).nextBytes(content);
    byte[] sent = content.clone();
    left.encrypt(sent, 0, sent.length);
    assertThat(sent).isNotEqualTo(content);
    ByteBuffer read = ByteBuffer.allocateDirect(sent.length).put(sent);
    right.decryptLast(read, sent.length);
    byte[] got = new byte[sent.length];
    read.flip().get(got);
    assertThat(got).isEqualTo(content);
  }

  private static void talk(MseHandshake a, MseHandshake b, int most, Random random)
      throws ProtocolException {
    Pipe toB = new Pipe();
    Pipe toA = new Pipe();
    boolean moved = true;
    while (moved) {
      moved = turn(a, toA, toB, most, random) | turn(b, toB, toA, most, random);
    }
    assertThat(a.state()).isEqualTo(MseHandshake.State.DONE);
    assertThat(b.state()).isEqualTo(MseHandshake.State.DONE);
    assertThat(toA.bytes.remaining() + toB.bytes.remaining()).isZero();
  }

  private static boolean turn(MseHandshake mse, Pipe from, Pipe to, int most, Random random)
      throws ProtocolException {
    boolean moved = false;
    if (mse.state() == MseHandshake.State.AGREE) {
      mse.agree();
      moved = true;
    }
    int length = Math.min(mse.wanted(), Math.min(from.bytes.remaining(), 1 + random.nextInt(most)));
    if (length > 0) {
      byte[] bytes = new byte[length];
      from.bytes.get(bytes);
      mse.receive(ByteBuffer.wrap(bytes));
      moved = true;
    }
    to.add(mse.toSend());
    return moved;
  }

  private static final class Pipe {
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    void add(ByteBuffer more) {
      bytes = ByteBuffer.allocate(bytes.remaining() + more.remaining()).put(bytes).put(more).flip();
    }
  }
}
