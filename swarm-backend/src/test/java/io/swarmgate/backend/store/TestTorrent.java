package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Digests;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.InvalidMetainfoException;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A torrent of random bytes in pieces of 16 KiB, the same for the same seed. */
final class TestTorrent {
  static final int PIECE = 16 << 10;

  private final Metainfo metainfo;
  private final byte[] content;

  private TestTorrent(Metainfo metainfo, byte[] content) {
    this.metainfo = metainfo;
    this.content = content;
  }

  static TestTorrent of(int seed, int length) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    PieceLayout layout = new PieceLayout(length, PIECE);
    ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    for (int i = 0; i < layout.pieceCount(); i++) {
      hashes.writeBytes(Digests.sha1().digest(slice(content, layout.span(i))));
    }
    String text = seed + " " + length;
    byte[] encoded = text.getBytes(StandardCharsets.US_ASCII);
    InfoHash infoHash = InfoHash.of(Digests.sha1().digest(encoded));
    List<Metainfo.FileEntry> files = List.of(new Metainfo.FileEntry("x", new ByteSpan(0, length)));
    return new TestTorrent(
        new Metainfo(
            infoHash,
            "x",
            layout,
            hashes.toByteArray(),
            new byte[0],
            true,
            List.of(),
            files,
            encoded),
        content);
  }

  private static byte[] slice(byte[] content, ByteSpan span) {
    return Arrays.copyOfRange(content, (int) span.start(), (int) span.end());
  }

  Metainfo metainfo() {
    return metainfo;
  }

  byte[] content() {
    return content;
  }

  int pieces() {
    return metainfo.layout().pieceCount();
  }

  ByteBuffer piece(int piece) {
    return ByteBuffer.wrap(slice(content, metainfo.layout().span(piece)));
  }

  byte[] bytes(long from, long to) {
    return slice(content, new ByteSpan(from, to));
  }

  void writeAll(PieceStore store) throws IOException {
    for (int i = 0; i < pieces(); i++) {
      store.write(i, piece(i));
    }
  }

  /** Reads a span through slices, however many it takes. */
  static byte[] read(PieceStore store, long from, long to) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (long at = from; at < to; ) {
      try (Slice slice = store.slice(at, (int) (to - at))) {
        byte[] bytes = bytes(slice);
        at += bytes.length;
        out.writeBytes(bytes);
      }
    }
    return out.toByteArray();
  }

  static byte[] bytes(@Nullable Slice slice) {
    ByteBuffer buffer = Objects.requireNonNull(slice).buffer().duplicate();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** Decodes what {@link #of} encodes. */
  static final class Codec implements MetainfoCodec {
    @Override
    public Metainfo decode(byte[] encoded) throws InvalidMetainfoException {
      String[] words = new String(encoded, StandardCharsets.US_ASCII).split(" ", -1);
      if (words.length != 2) {
        throw new InvalidMetainfoException("expected two numbers");
      }
      return of(Integer.parseInt(words[0]), Integer.parseInt(words[1])).metainfo();
    }

    @Override
    public Metainfo encode(
        String name, PieceLayout layout, byte[] hashes, byte[] sha256, byte[] secret) {
      throw new UnsupportedOperationException();
    }
  }
}
