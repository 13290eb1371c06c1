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
  private volatile @Nullable Metainfo learned;

  /**
   * Takes a torrent.
   *
   * @param learned its metainfo; null if the store has it
   */
  PieceOpener(EdgeFiles files, InfoHash infoHash, @Nullable Metainfo learned) {
    this.files = files;
    this.infoHash = infoHash;
    this.learned = learned;
  }

  @Override
  public PieceStore get() {
    try {
      Metainfo held = learned;
      PieceStore opened = files.open(held == null ? files.metainfo(infoHash) : held);
      learned = null;
      return opened;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the store has it. */
  boolean isKept() {
    return learned == null;
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
