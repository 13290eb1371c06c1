package io.swarmgate.backend.origin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Who reads a file that is taken in: whom bytes are asked for first, whom they wake, and who has
 * waited for too long. Of the ingest's lane.
 */
final class IngestReaders {
  private final Set<IngestReader> all = new HashSet<>();

  void add(IngestReader reader) {
    all.add(reader);
  }

  void remove(IngestReader reader) {
    all.remove(reader);
  }

  /** Those that wait for the next byte, and then the others; a copy. */
  List<IngestReader> blockedFirst() {
    List<IngestReader> ordered = new ArrayList<>();
    List<IngestReader> others = new ArrayList<>();
    for (IngestReader reader : all) {
      // Asked once: it changes as they read.
      (reader.isBlocked() ? ordered : others).add(reader);
    }
    ordered.addAll(others);
    return ordered;
  }

  /** Wakes those that wait for a byte of a piece which is there now. */
  void shown(int piece, IngestContent content) {
    for (IngestReader reader : all) {
      if (reader.isBlocked() && reader.piece() == piece && content.isShown(reader.position())) {
        reader.wake();
      }
    }
  }

  /**
   * Fails those that have waited for longer than may be.
   *
   * @return whether anyone waits
   */
  boolean checkStall(long now, Duration limit) {
    boolean waits = false;
    for (IngestReader reader : List.copyOf(all)) {
      waits |= reader.isBlocked();
      reader.checkStall(now, limit);
    }
    return waits;
  }

  /** Wakes everyone, and has nobody any more. */
  void release() {
    all.forEach(IngestReader::wake);
    all.clear();
  }
}
