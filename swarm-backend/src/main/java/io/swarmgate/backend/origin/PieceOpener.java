package io.swarmgate.backend.origin;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens a torrent's pieces when the engine wants them. Holds metainfo that was just learned until
 * the store has it; from then on it is loaded each time. Thread-safe.
 */
final class PieceOpener implements Supplier<PieceStore> {
  private final EdgeFiles files;
  private final InfoHash infoHash;
  private final boolean original;
  private volatile @Nullable Metainfo learned;

  /**
   * Takes a torrent.
   *
   * @param learned its metainfo; null if the store has it
   * @param original whether, as long as all of it is here, every other copy comes from this one
   */
  PieceOpener(EdgeFiles files, InfoHash infoHash, @Nullable Metainfo learned, boolean original) {
    this.files = files;
    this.infoHash = infoHash;
    this.learned = learned;
    this.original = original;
  }

  @Override
  public PieceStore get() {
    try {
      Metainfo held = learned;
      PieceStore opened = files.open(held == null ? files.metainfo(infoHash) : held);
      learned = null;
      return original && isWhole(opened) ? new OriginalStore(opened) : opened;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the store has it. */
  boolean isKept() {
    return learned == null;
  }

  private static boolean isWhole(PieceStore store) {
    return store.pieces().cardinality() == store.metainfo().layout().pieceCount();
  }

  /** Gives the store what was learned, unless it has it. Blocks on the disk then. */
  void keep() {
    Metainfo held = learned;
    if (held != null) {
      try {
        files.open(held).close();
        learned = null;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
