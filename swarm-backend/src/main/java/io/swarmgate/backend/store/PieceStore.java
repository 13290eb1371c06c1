package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Metainfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The pieces of one torrent that this node holds. Only verified bytes are ever visible through it.
 * Thread-safe.
 */
public interface PieceStore extends AutoCloseable {
  Metainfo metainfo();

  /** Whether a piece is here and verified. It may be evicted the moment after. */
  boolean has(int piece);

  /** The pieces that are here and verified; a copy. */
  BitSet pieces();

  /**
   * Whether this is the original that every other copy comes from: a published file. Who holds it
   * sends each piece as few times as it can.
   */
  default boolean isOriginal() {
    return false;
  }

  /**
   * Whether a piece's bytes were here before an unclean stop and only need their hash checked;
   * {@link #verify} does that.
   */
  boolean isUnverified(int piece);

  /**
   * Checks an unverified piece's hash. Reads the piece from disk and blocks.
   *
   * @return whether it is verified now; if not, it is absent from here on
   */
  boolean verify(int piece) throws IOException;

  /**
   * Keeps a piece whose hash the caller has found right. Blocks on the disk; not for an I/O loop. A
   * piece that is here already is left as it is.
   *
   * @param data the whole piece, from position to limit; not kept
   * @throws StoreFullException if neither quota nor disk has room; nothing half-written stays
   */
  void write(int piece, ByteBuffer data) throws IOException;

  /**
   * Returns verified bytes from {@code position} on, or null if their piece isn't here and
   * verified. Mapped, and without a wait; see {@link Slice#isResident} before its bytes are used
   * where nothing may wait for a disk. What may not be mapped is read, and waited for.
   *
   * @param max most bytes wanted, at least 1; fewer come at the end of what is mapped together
   * @throws IOException if the file under it changed or can't be read
   */
  @Nullable Slice slice(long position, int max) throws IOException;

  /**
   * As {@link #slice}, for whoever must not wait for a disk: where files are read and not mapped,
   * nothing is read yet, the slice isn't resident, and its bytes count only once it is loaded.
   */
  default @Nullable Slice ahead(long position, int max) throws IOException {
    return slice(position, max);
  }

  /**
   * As {@link #slice}, for bytes that leave for a peer. Where others may write to the file under
   * it, this is a copy that was checked after it was made, and fewer bytes may come; to make it
   * reads the file, without a wait only if {@link #ahead} was resident, or has been loaded.
   */
  default @Nullable Slice sealed(long position, int max) throws IOException {
    return slice(position, max);
  }

  /**
   * Names who is told, on any thread, the pieces that were evicted. Replaces the listener before.
   */
  void onEvicted(EvictionListener listener);

  /** Releases what is held in memory; the pieces stay on disk. Slices stay valid until closed. */
  @Override
  void close();

  /** Told of evictions. */
  @FunctionalInterface
  interface EvictionListener {
    void evicted(BitSet pieces);
  }
}
