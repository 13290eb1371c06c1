package io.swarmgate.backend.testing;

import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.InvalidMetainfoException;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** A codec with a format of its own, for tests of what doesn't care about bencoding. */
public final class TestCodec implements MetainfoCodec {
  private static final String MAGIC = "test-metainfo";

  /** Metainfo of bytes in memory. */
  public static Metainfo metainfo(String name, byte[] content, int pieceLength) {
    PieceLayout layout = new PieceLayout(content.length, pieceLength);
    ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    for (int piece = 0; piece < layout.pieceCount(); piece++) {
      MessageDigest sha1 = digest("SHA-1");
      sha1.update(content, (int) layout.start(piece), layout.length(piece));
      hashes.writeBytes(sha1.digest());
    }
    byte[] sha256 = digest("SHA-256").digest(content);
    return new TestCodec().encode(name, layout, hashes.toByteArray(), sha256, new byte[0]);
  }

  public static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Metainfo decode(byte[] encoded) throws InvalidMetainfoException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
      if (!in.readUTF().equals(MAGIC)) {
        throw new InvalidMetainfoException("expected " + MAGIC);
      }
      String name = in.readUTF();
      PieceLayout layout = new PieceLayout(in.readLong(), in.readInt());
      byte[] sha256 = in.readNBytes(32);
      byte[] hashes = in.readNBytes(Metainfo.HASH_LENGTH * layout.pieceCount());
      return new Metainfo(
          InfoHash.of(digest("SHA-1").digest(encoded)),
          name,
          layout,
          hashes,
          sha256,
          true,
          List.of(),
          List.of(new Metainfo.FileEntry(name, new ByteSpan(0, layout.length()))),
          encoded);
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidMetainfoException("expected test metainfo, got " + e);
    }
  }

  @Override
  public Metainfo encode(
      String name, PieceLayout layout, byte[] hashes, byte[] sha256, byte[] secret) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(MAGIC);
      out.writeUTF(name);
      out.writeLong(layout.length());
      out.writeInt(layout.pieceLength());
      out.write(sha256);
      out.write(hashes);
      out.write(secret);
      return decode(bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InvalidMetainfoException e) {
      throw new IllegalStateException(e);
    }
  }
}
