package io.swarmgate.backend.metainfo;

import io.swarmgate.backend.content.FileGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.concurrent.CancellationException;

/**
 * Hashes a file in one pass: SHA-1 for each piece, SHA-256 for the whole. Stateless and
 * thread-safe; each call keeps its thread busy until the file is read.
 */
public final class MetainfoMaker {
  private static final int BUFFER = 1 << 20;
  private static final long MEDIUM = 512L << 20;
  private static final long LARGE = 16L << 30;

  private MetainfoMaker() {}

  /** Told how far hashing has come, and asked whether to go on. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called after each MiB or so, on the hashing thread.
     *
     * @param hashed bytes hashed so far
     * @param length bytes in all
     * @return false to give up
     */
    boolean hashed(long hashed, long length);
  }

  /**
   * The piece length for a file, in bytes: 256 KiB up to 512 MiB, 1 MiB up to 16 GiB, then 4 MiB.
   * Every publisher must make the same choice, or the same content has two info-hashes.
   */
  public static int pieceLength(long length) {
    if (length <= MEDIUM) {
      return 256 << 10;
    }
    return length <= LARGE ? 1 << 20 : 4 << 20;
  }

  /**
   * Hashes a file in pieces of {@link #pieceLength}.
   *
   * @throws IOException if it can't be read, is empty, or changed meanwhile; a {@link
   *     java.nio.channels.ClosedByInterruptException} if the thread was interrupted
   * @throws CancellationException if {@code progress} said so
   */
  public static HashedFile hash(Path file, Progress progress) throws IOException {
    FileGuard guard = FileGuard.of(file);
    if (guard.size() == 0) {
      throw new IOException(file + ": expected at least 1 byte, got an empty file");
    }
    return hash(file, guard, pieceLength(guard.size()), progress);
  }

  static HashedFile hash(Path file, FileGuard guard, int pieceLength, Progress progress)
      throws IOException {
    PieceLayout layout = new PieceLayout(guard.size(), pieceLength);
    byte[] hashes = new byte[Math.multiplyExact(layout.pieceCount(), Metainfo.HASH_LENGTH)];
    MessageDigest whole = Digests.sha256();
    MessageDigest each = Digests.sha1();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long position = 0;
      for (int piece = 0; piece < layout.pieceCount(); piece++) {
        int left = layout.length(piece);
        while (left > 0) {
          buffer.clear().limit(Math.min(left, buffer.capacity()));
          int read = channel.read(buffer, position);
          if (read < 0) {
            throw new IOException(
                file + ": expected " + guard.size() + " bytes, got only " + position);
          }
          whole.update(buffer.array(), 0, read);
          each.update(buffer.array(), 0, read);
          left -= read;
          position += read;
          if (!progress.hashed(position, guard.size())) {
            throw new CancellationException("hashing " + file + " was given up at " + position);
          }
        }
        byte[] sha1 = each.digest();
        System.arraycopy(sha1, 0, hashes, piece * sha1.length, sha1.length);
      }
    }
    guard.check(file);
    return new HashedFile(layout, hashes, whole.digest(), guard);
  }
}
