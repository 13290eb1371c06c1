package io.swarmgate.backend.metainfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentHasherTest {
  private static final int PIECE = 16 << 10;

  @ParameterizedTest
  @CsvSource({
    "1, false",
    "16383, true",
    "16384, false",
    "16385, true",
    "100000, false",
    "300001, true"
  })
  void bytesMayComeInAnyParts(int length, boolean direct) {
    Random random = new Random(length);
    byte[] content = new byte[length];
    random.nextBytes(content);
    ByteBuffer all = direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
    all.put(content).flip();
    ContentHasher hasher = new ContentHasher(new PieceLayout(length, PIECE));

    while (!hasher.isComplete()) {
      int from = (int) hasher.position();
      int count = Math.min(length - from, random.nextInt(3 * PIECE));
      ByteBuffer part = all.slice(from, count);
      hasher.update(part);
      assertThat(part.hasRemaining()).isFalse();
      assertThat(hasher.position()).isEqualTo(from + count);
      assertThat(hasher.pieces())
          .isEqualTo(hasher.isComplete() ? (length + PIECE - 1) / PIECE : (from + count) / PIECE);
    }

    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (int at = 0; at < length; at += PIECE) {
      byte[] piece = Arrays.copyOfRange(content, at, Math.min(length, at + PIECE));
      expected.writeBytes(Digests.sha1().digest(piece));
    }
    ContentHashes hashes = hasher.finish();
    assertThat(hashes.hashes()).isEqualTo(expected.toByteArray());
    assertThat(hashes.sha256()).isEqualTo(Digests.sha256().digest(content));
  }

  @Test
  void itDividesContentAsEveryPublisherDoes() {
    assertThat(ContentHasher.of(1000).layout()).isEqualTo(new PieceLayout(1000, 256 << 10));
    assertThat(ContentHasher.of(1L << 30).layout()).isEqualTo(new PieceLayout(1L << 30, 1 << 20));
  }

  @Test
  void moreBytesThanThereAreAreRefused() {
    ContentHasher hasher = ContentHasher.of(10);
    hasher.update(new byte[9], 0, 9);
    assertThatThrownBy(() -> hasher.update(new byte[2], 0, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected 10 bytes");
    assertThat(hasher.position()).isEqualTo(9);
  }

  @Test
  void itDoesNotEndBeforeTheLastByte() {
    ContentHasher hasher = ContentHasher.of(10);
    hasher.update(new byte[9], 0, 9);
    assertThatThrownBy(hasher::finish)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("got only 9");
  }
}
