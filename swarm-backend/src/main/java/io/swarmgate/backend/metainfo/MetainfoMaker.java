package io.swarmgate.backend.metainfo;

import io.swarmgate.backend.system.FileGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CancellationException;

/**
 * Hashes a file in one pass: SHA-1 for each piece, SHA-256 for the whole. Stateless and
 * thread-safe; each call keeps its thread busy until the file is read.
 */
public final class MetainfoMaker {
  /** Bytes read at once; they stay in a core's own cache until they are hashed. */
  private static final int BUFFER = 128 << 10;

  /** Bytes between two reports. */
  private static final int STEP = 1 << 20;

  /** Bytes after which it is worth while to keep what they came to. */
  private static final long KEEP = 1L << 30;

  /** The same once hashing is given up. */
  private static final long KEEP_AT_LAST = 64L << 20;

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

    /**
     * The SHA-1s of the file's first pieces, if an earlier attempt has told them.
     *
     * @param guard what the file looks like
     * @return 20 bytes for each piece; none if there was no attempt at the same state of the file
     */
    default byte[] known(FileGuard guard) {
      return new byte[0];
    }

    /**
     * Told what may be known to a later attempt: after each GiB or so, and when this one is given
     * up.
     *
     * @param guard what the file looked like at first
     * @param hashes the SHA-1s of the file's first pieces, 20 bytes each
     */
    default void keep(FileGuard guard, byte[] hashes) {}
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
    ContentHasher hasher =
        new ContentHasher(new PieceLayout(guard.size(), pieceLength), progress.known(guard));
    long kept = hasher.knownBytes();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long told = 0;
      while (!hasher.isComplete()) {
        long left = guard.size() - hasher.position();
        buffer.clear().limit((int) Math.min(left, buffer.capacity()));
        if (channel.read(buffer, hasher.position()) < 0) {
          throw new IOException(
              file + ": expected " + guard.size() + " bytes, got only " + hasher.position());
        }
        hasher.update(buffer.flip());
        long position = hasher.position();
        if (position - told >= STEP || hasher.isComplete()) {
          told = position;
          boolean wanted = progress.hashed(position, guard.size());
          if (position - kept >= (wanted ? KEEP : KEEP_AT_LAST)) {
            kept = position;
            progress.keep(guard, hasher.hashes());
          }
          if (!wanted) {
            throw new CancellationException("hashing " + file + " was given up at " + position);
          }
        }
      }
    }
    guard.check(file);
    return new HashedFile(hasher.finish(), guard);
  }
}
