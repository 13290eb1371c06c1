package io.swarmgate.backend.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Some successive pieces of a torrent in a sparse file of their own. The file has its full length
 * from the start, so that what is mapped never ends early; it is never truncated, only unlinked.
 *
 * <p>Thread-safe as far as I/O goes; the fields marked so belong to {@link TorrentState}'s lock.
 */
final class Extent {
  private static final int BUFFER = 64 << 10;

  final TorrentExtents torrent;
  final int index;
  final long start;
  final int length;
  final Footprint footprint;
  final SliceSource source;

  /** Open slices, writes and checks. Goes up under the state's lock only, down anywhere. */
  final AtomicInteger pins = new AtomicInteger();

  /** Pieces whose bytes are in the ledger, whether they are visible or not. Under the lock. */
  final BitSet charged = new BitSet();

  /** Pieces written that nobody has read yet. Under the lock. */
  final BitSet fresh = new BitSet();

  /** Whether {@link #fresh} has any. Written under the lock, read anywhere. */
  volatile boolean awaited;

  /** Bytes it had when it was last weighed, 0 if never. Under the lock. */
  long weighed;

  /** Whether it is on its way out. Under the lock. */
  boolean dropped;

  /** When the last piece was written, by the store's clock. Written under the lock. */
  volatile long writtenAt;

  /** When a read last counted as one, by the store's clock. Off by a race is good enough. */
  volatile long countedAt;

  private boolean created;
  private volatile boolean unforced;

  /**
   * Takes an extent's place in the directory; does no I/O.
   *
   * @param created whether the file is there, at its full length
   * @param unforced whether some of it may not have reached the disk
   */
  Extent(TorrentExtents torrent, int index, boolean created, boolean unforced) {
    ExtentLayout layout = torrent.layout();
    this.torrent = torrent;
    this.index = index;
    this.start = layout.start(index);
    this.length = layout.length(index);
    this.created = created;
    this.unforced = unforced;
    this.footprint = new Footprint(torrent.ledger());
    this.source =
        torrent.mapped()
            ? new MappedFile(this::file, length, length, footprint::map)
            : new ReadFile(this::file);
  }

  /** Where it is now: its torrent's directory may move. */
  private Path file() {
    return torrent.file(index);
  }

  /**
   * Whether somebody is using it, or asked for a piece that came a moment ago and isn't read yet.
   *
   * @param now by the store's clock
   * @param grace how long a piece may wait for its reader, in nanoseconds
   */
  boolean isBusy(long now, long grace) {
    return pins.get() > 0 || (awaited && now - writtenAt < grace);
  }

  /** Whether dropping it would not free its bytes at once. */
  boolean isMapped() {
    return footprint.isMapped();
  }

  /** Writes a whole piece. Only for bytes that nobody can see yet. */
  void write(long position, ByteBuffer data) throws IOException {
    create();
    unforced = true;
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      long at = position - start;
      while (data.hasRemaining()) {
        at += channel.write(data, at);
      }
    }
  }

  private synchronized void create() throws IOException {
    if (!created) {
      try (RandomAccessFile sparse = new RandomAccessFile(file().toFile(), "rw")) {
        sparse.setLength(length);
      }
      created = true;
    }
  }

  /** The SHA-1 of some bytes as they are on disk. */
  byte[] sha1(long position, int count, MessageDigest sha1) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.READ)) {
      long at = position - start;
      int left = count;
      while (left > 0) {
        buffer.clear().limit(Math.min(left, BUFFER));
        int read = channel.read(buffer, at);
        if (read < 0) {
          throw new EOFException(file() + ": expected " + length + " bytes, got only " + at);
        }
        sha1.update(buffer.array(), 0, read);
        at += read;
        left -= read;
      }
    }
    return sha1.digest();
  }

  /** Forces what was written to disk. */
  void force() throws IOException {
    if (unforced) {
      try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      unforced = false;
    }
  }

  /** Takes the file out of the directory; what is mapped of it stays readable. */
  void unlink() throws IOException {
    Files.deleteIfExists(file());
    // In this order, so that what is unmapped at once never counts as lingering.
    source.release();
    footprint.unlinked();
  }

  @Override
  public String toString() {
    return file().toString();
  }
}
