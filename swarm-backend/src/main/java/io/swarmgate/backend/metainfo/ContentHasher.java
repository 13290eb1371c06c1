package io.swarmgate.backend.metainfo;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Makes a content's hashes from its bytes as they come, in order: SHA-1 for each piece, SHA-256 for
 * the whole. Keeps 20 bytes a piece and none of the content. Used by one thread at a time; never
 * blocks but to compute.
 */
public final class ContentHasher {
  /** Bytes that both digests take in turn; they stay in a core's own cache meanwhile. */
  private static final int SCRATCH = 64 << 10;

  private final PieceLayout layout;
  private final byte[] hashes;
  private final MessageDigest whole = Digests.sha256();
  private final MessageDigest each = Digests.sha1();

  /** Pieces whose SHA-1 was known before. */
  private final int known;

  private byte[] scratch = {};
  private long position;

  /** Takes how the content divides into pieces; no bytes have come yet. */
  public ContentHasher(PieceLayout layout) {
    this(layout, new byte[0]);
  }

  /**
   * Takes up where another had come to, but for SHA-256, of which Java doesn't give out the state:
   * all bytes have to come once more, and take half the time up to there.
   *
   * @param known what that other's {@link #hashes} were; only as many as the layout has pieces
   *     count
   */
  ContentHasher(PieceLayout layout, byte[] known) {
    this.layout = layout;
    this.hashes =
        Arrays.copyOf(known, Math.multiplyExact(layout.pieceCount(), Metainfo.HASH_LENGTH));
    this.known = Math.min(known.length / Metainfo.HASH_LENGTH, layout.pieceCount());
  }

  /** One for content of so many bytes, at least 1, in pieces of what every publisher chooses. */
  public static ContentHasher of(long length) {
    return new ContentHasher(new PieceLayout(length, MetainfoMaker.pieceLength(length)));
  }

  public PieceLayout layout() {
    return layout;
  }

  /** Bytes that have come so far: the position of the next. */
  public long position() {
    return position;
  }

  /** Pieces that are hashed: those before {@link #position}, and the last once all has come. */
  public int pieces() {
    return isComplete() ? layout.pieceCount() : layout.pieceAt(position);
  }

  /** The SHA-1s of the first pieces, 20 bytes each, as far as they are hashed or known; a copy. */
  byte[] hashes() {
    return Arrays.copyOf(hashes, Math.max(known, pieces()) * Metainfo.HASH_LENGTH);
  }

  /** Bytes of the pieces that were known before. */
  long knownBytes() {
    return known == 0 ? 0 : layout.span(known - 1).end();
  }

  /** Whether every byte has come. */
  public boolean isComplete() {
    return position == layout.length();
  }

  /**
   * Takes the next bytes, from the buffer's position to its limit; all are read.
   *
   * @throws IllegalArgumentException if there are more than the content has left
   */
  public void update(ByteBuffer bytes) {
    if (bytes.hasArray()) {
      update(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
      bytes.position(bytes.limit());
      return;
    }
    while (bytes.hasRemaining()) {
      if (scratch.length == 0) {
        scratch = new byte[SCRATCH];
      }
      int count = Math.min(scratch.length, bytes.remaining());
      bytes.get(scratch, 0, count);
      update(scratch, 0, count);
    }
  }

  /**
   * Takes the next bytes.
   *
   * @throws IllegalArgumentException if there are more than the content has left
   */
  public void update(byte[] bytes, int offset, int count) {
    if (count > layout.length() - position) {
      throw new IllegalArgumentException(
          "expected "
              + layout.length()
              + " bytes, got "
              + count
              + " more after the first "
              + position);
    }
    int end = offset + count;
    for (int from = offset; from < end; ) {
      int piece = layout.pieceAt(position);
      long pieceEnd = layout.span(piece).end();
      int part = (int) Math.min(Math.min(end - from, SCRATCH), pieceEnd - position);
      whole.update(bytes, from, part);
      if (piece >= known) {
        each.update(bytes, from, part);
      }
      from += part;
      position += part;
      if (position == pieceEnd && piece >= known) {
        byte[] sha1 = each.digest();
        System.arraycopy(sha1, 0, hashes, piece * sha1.length, sha1.length);
      }
    }
  }

  /**
   * Ends, once every byte has come; nothing may come after it.
   *
   * @throws IllegalStateException if bytes are missing
   */
  public ContentHashes finish() {
    if (!isComplete()) {
      throw new IllegalStateException(
          "expected " + layout.length() + " bytes, got only " + position);
    }
    return new ContentHashes(layout, hashes, whole.digest());
  }
}
