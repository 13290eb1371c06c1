package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file on its way into an {@link ExtentStore} whose hashes aren't known yet: what is read from it
 * is what was written, and whoever writes answers for that. Room for all of it is reserved, and
 * none of it is evicted, until it becomes a torrent or is given up. It doesn't survive its process.
 *
 * <p>Thread-safe. Everything but {@link #slice}, {@link #has} and {@link #pieces} blocks on the
 * disk.
 */
public final class Incoming implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Incoming.class);

  private final ExtentStore store;
  private final TorrentExtents extents;
  private final AtomicBoolean ended = new AtomicBoolean();

  Incoming(ExtentStore store, TorrentExtents extents) {
    this.store = store;
    this.extents = extents;
  }

  TorrentExtents extents() {
    return extents;
  }

  public PieceLayout layout() {
    return extents.layout().pieces();
  }

  /** Whether a piece is here. */
  public boolean has(int piece) {
    return extents.state().has(piece);
  }

  /** The pieces that are here; a copy. */
  public BitSet pieces() {
    return extents.state().verified();
  }

  /**
   * Keeps a piece. One that is here already is left as it is.
   *
   * @param data the whole piece, from position to limit; not kept
   * @throws IOException if the disk fails or is full, or this was given up
   */
  public void write(int piece, ByteBuffer data) throws IOException {
    extents.write(piece, data);
  }

  /** As {@link PieceStore#slice}. Also null once this was given up. */
  public @Nullable Slice slice(long position, int max) throws IOException {
    return extents.slice(position, max, SliceSource::slice);
  }

  /**
   * Makes a torrent of it, or, where the store has that torrent already, gives that what it misses
   * of it. Slices stay valid; what is read from here on is read from the torrent. If it fails, this
   * is as it was.
   *
   * @param metainfo made from what came in, all of which is here
   * @return the torrent's pieces, which the caller closes
   * @throws IOException if the disk fails, or the store is closed
   */
  public PieceStore publish(Metainfo metainfo) throws IOException {
    PieceStore published = store.publish(this, metainfo);
    if (published != null) {
      ended.set(true);
      store.forget(this);
      return published;
    }
    PieceStore there = store.open(metainfo);
    boolean copied = false;
    try {
      copyTo(there);
      copied = true;
      return there;
    } finally {
      if (copied) {
        close();
      } else {
        there.close();
      }
    }
  }

  private void copyTo(PieceStore there) throws IOException {
    PieceLayout layout = layout();
    for (int piece = 0; piece < layout.pieceCount(); piece++) {
      if (!there.has(piece)) {
        there.write(piece, read(piece));
      }
    }
  }

  /** A whole piece that is here, in memory. */
  public ByteBuffer read(int piece) throws IOException {
    ByteBuffer whole = ByteBuffer.allocate(layout().length(piece));
    long start = layout().start(piece);
    while (whole.hasRemaining()) {
      try (Slice slice = slice(start + whole.position(), whole.remaining())) {
        if (slice == null) {
          throw new IOException("piece " + piece + ": expected to be here, but it is gone");
        }
        whole.put(slice.buffer());
      }
    }
    return whole.flip();
  }

  /** Gives it up, unless it has become a torrent: nothing of it stays. Idempotent. */
  @Override
  public void close() {
    if (ended.compareAndSet(false, true)) {
      store.forget(this);
      try {
        extents.abandon();
      } catch (IOException e) {
        LOG.warn("Could not delete what was given up: {}", e.toString());
      }
    }
  }
}
