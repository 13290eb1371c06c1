package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ContentHasher;
import io.swarmgate.backend.metainfo.ContentHashes;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.Incoming;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is here of a file that is taken in: pieces in memory as far as they have come, and whole
 * ones in the store, hashed as far as everything before them is here. Changed on the ingest's lane
 * alone, where all I/O on the store happens; looked at by any thread.
 */
final class IngestContent {
  /** What readers are shown at a time while more is at hand. */
  private static final int SHOWN = 128 << 10;

  /** Told, on the lane, what becomes of it. */
  interface Listener {
    /** Readers see more of a piece. */
    void shown(int piece);

    /** All is here and hashed. */
    void hashed(Incoming incoming, ContentHashes hashes);

    /** The disk failed. */
    void failed(IOException cause);
  }

  private final Incoming incoming;
  private final PieceLayout layout;
  private final Listener listener;
  private final Lane lane;

  /** Pieces of which some has come. */
  private final Map<Integer, Arriving> arriving = new ConcurrentHashMap<>();

  private volatile long contiguous;

  // Of the lane.

  private final ContentHasher hasher;
  private boolean catchingUp;
  private boolean closed;

  IngestContent(Incoming incoming, Lane lane, Listener listener) {
    this.incoming = incoming;
    this.layout = incoming.layout();
    this.lane = lane;
    this.listener = listener;
    this.hasher = new ContentHasher(layout);
  }

  PieceLayout layout() {
    return layout;
  }

  /** Position up to which everything is here and hashed. */
  long contiguous() {
    return contiguous;
  }

  /** Whether a whole piece is in the store. */
  boolean has(int piece) {
    return incoming.has(piece);
  }

  /** The pieces that are in the store; a copy. */
  BitSet pieces() {
    return incoming.pieces();
  }

  /** Bytes from a position on; null if they have not come. */
  @Nullable Slice slice(long position, int max) throws IOException {
    Slice stored = incoming.slice(position, max);
    if (stored != null) {
      return stored;
    }
    int piece = layout.pieceAt(position);
    Arriving coming = arriving.get(piece);
    // None: it may have gone to the store between the two looks.
    return coming == null
        ? incoming.slice(position, max)
        : coming.slice((int) (position - layout.start(piece)), max);
  }

  /** Whether readers see the byte at a position. */
  boolean isShown(long position) {
    int piece = layout.pieceAt(position);
    Arriving coming = arriving.get(piece);
    return incoming.has(piece)
        || (coming != null && position - layout.start(piece) < coming.visible());
  }

  // From here on, on the lane.

  /** Where a piece's first byte is missing. */
  long resumeAt(int piece) {
    Arriving coming = arriving.get(piece);
    return layout.start(piece) + (coming == null ? 0 : coming.filled());
  }

  /**
   * Takes bytes of a piece, unless they, or what precedes them, are another's to bring: several
   * responses may bring the same piece, and each byte counts once.
   *
   * @param show whether readers see them at once: there are no more at hand
   */
  void put(int piece, int offset, ByteBuffer bytes, boolean show) {
    if (incoming.has(piece)) {
      return;
    }
    Arriving coming = arriving.computeIfAbsent(piece, absent -> new Arriving(layout.length(piece)));
    int known = Math.min(bytes.remaining(), coming.filled() - offset);
    if (known < 0) {
      return;
    }
    bytes.position(bytes.position() + known);
    coming.put(bytes);
    if (coming.isComplete()) {
      keep(piece, coming);
    } else if (show || coming.filled() - coming.visible() >= SHOWN) {
      if (coming.show() > 0) {
        listener.shown(piece);
      }
    }
  }

  private void keep(int piece, Arriving whole) {
    try {
      incoming.write(piece, whole.whole());
    } catch (IOException e) {
      listener.failed(e);
      return;
    }
    arriving.remove(piece);
    if (hasher.position() == layout.start(piece)) {
      hash(whole.whole());
    }
    listener.shown(piece);
  }

  private void hash(ByteBuffer whole) {
    hasher.update(whole);
    contiguous = hasher.position();
    if (hasher.isComplete()) {
      listener.hashed(incoming, hasher.finish());
    } else if (!catchingUp && incoming.has(layout.pieceAt(contiguous))) {
      // Came out of order. One piece at a time, so that readers are heard in between.
      catchingUp = true;
      lane.execute(this::catchUp);
    }
  }

  private void catchUp() {
    catchingUp = false;
    if (closed) {
      return;
    }
    try {
      hash(incoming.read(layout.pieceAt(contiguous)));
    } catch (IOException e) {
      listener.failed(e);
    }
  }

  /** Gives up all that is here. */
  void close() {
    closed = true;
    arriving.clear();
    incoming.close();
  }
}
