package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.metainfo.InfoHash;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is agreed on with sides that offer and choose as ours never would. */
class MseChoiceTest {
  private static final InfoHash TORRENT = InfoHash.of(new byte[20]);
  private static final byte[] HELLO = new byte[Handshake.SIZE];

  private final MseTorrents torrents = new MseTorrents();
  private final MseByHand other = new MseByHand(TORRENT);

  MseChoiceTest() {
    torrents.add(TORRENT);
    new Random(1).nextBytes(HELLO);
  }

  @ParameterizedTest
  @CsvSource({
    "PREFER, 1, 1",
    "PREFER, 2, 2",
    "PREFER, 3, 2",
    "PREFER, 7, 2",
    "PREFER, -1, 2",
    "REQUIRE, 2, 2",
    "REQUIRE, 3, 2"
  })
  void rc4IsChosenOfWhatADiallerOffersAndElsePlaintext(Encryption policy, int offered, int chosen)
      throws Exception {
    for (int padding : new int[] {0, 1, MseHandshake.MAX_PADDING}) {
      MseHandshake ours = accepting(policy);
      feed(ours, other.offer(0, offered, padding, HELLO));
      assertThat(ours.state()).isEqualTo(MseHandshake.State.DONE);
      assertThat(ours.payload()).isEqualTo(HELLO);
      assertThat(ours.cipher() == null).isEqualTo(chosen == MseHandshake.PLAINTEXT);
      assertThat(other.chosenIn(ours.toSend())).isEqualTo(chosen);
    }
  }

  @ParameterizedTest
  @CsvSource({"PREFER, 0", "PREFER, 4", "REQUIRE, 0", "REQUIRE, 1", "REQUIRE, -3"})
  void aDiallerThatOffersNothingAllowedIsRefused(Encryption policy, int offered) throws Exception {
    MseHandshake ours = accepting(policy);
    assertThatThrownBy(() -> feed(ours, other.offer(0, offered, 0, HELLO)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("cipher");
    assertThat(ours.toSend().hasRemaining()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"PREFER, 1", "PREFER, 2", "REQUIRE, 2"})
  void oneOfTheOfferedIsTaken(Encryption policy, int chosen) throws Exception {
    for (int padding : new int[] {0, 1, MseHandshake.MAX_PADDING}) {
      MseHandshake ours = dialling(policy);
      feed(ours, other.answer(chosen, padding));
      assertThat(ours.state()).isEqualTo(MseHandshake.State.DONE);
      assertThat(ours.cipher() == null).isEqualTo(chosen == MseHandshake.PLAINTEXT);
    }
  }

  @ParameterizedTest
  @CsvSource({"PREFER, 0", "PREFER, 3", "PREFER, 4", "REQUIRE, 0", "REQUIRE, 1", "REQUIRE, 3"})
  void aChoiceThatWasNotOfferedIsRefused(Encryption policy, int chosen) throws Exception {
    MseHandshake ours = dialling(policy);
    assertThatThrownBy(() -> feed(ours, other.answer(chosen, 0)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("cipher");
  }

  @Test
  void morePaddingThanThereMayBeIsRefused() throws Exception {
    int tooMuch = MseHandshake.MAX_PADDING + 1;
    MseHandshake accepting = accepting(Encryption.PREFER);
    assertThatThrownBy(() -> feed(accepting, other.offer(0, 3, tooMuch, HELLO)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("padding");
    MseHandshake dialling = dialling(Encryption.PREFER);
    assertThatThrownBy(() -> feed(dialling, other.answer(2, tooMuch)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("padding");
  }

  @Test
  void aWrongVerificationIsRefused() throws Exception {
    MseHandshake ours = accepting(Encryption.PREFER);
    assertThatThrownBy(() -> feed(ours, other.offer(1, 3, 0, HELLO)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("verification");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 20, Handshake.SIZE})
  void aPayloadMayBeAsShortAsItLikes(int length) throws Exception {
    byte[] payload = Arrays.copyOf(HELLO, length);
    MseHandshake ours = accepting(Encryption.PREFER);
    feed(ours, other.offer(0, 3, 7, payload));
    assertThat(ours.state()).isEqualTo(MseHandshake.State.DONE);
    assertThat(ours.payload()).isEqualTo(payload);
  }

  private MseHandshake accepting(Encryption policy) throws ProtocolException {
    MseHandshake ours = MseHandshake.accepting(policy, torrents);
    feed(ours, other.publicKey());
    ours.agree();
    other.agree(ours.toSend());
    return ours;
  }

  private MseHandshake dialling(Encryption policy) throws ProtocolException {
    MseHandshake ours = MseHandshake.dialling(policy, TORRENT, HELLO);
    ours.agree();
    other.agree(ours.toSend());
    feed(ours, other.publicKey());
    ours.agree();
    return ours;
  }

  private static void feed(MseHandshake to, byte[] bytes) throws ProtocolException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      int length = Math.min(to.wanted(), left.remaining());
      assertThat(length).as("more is wanted").isPositive();
      to.receive(left.slice(left.position(), length));
      left.position(left.position() + length);
    }
  }
}
