package io.swarmgate.backend.store;

import java.lang.ref.Cleaner;
import java.nio.MappedByteBuffer;

/**
 * What one extent costs: its bytes stay in the ledger until its file is unlinked and its last
 * mapping is gone. Must not refer to the extent or its buffers, which it outlives. Thread-safe.
 */
final class Footprint {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Ledger ledger;
  private long bytes;
  private int mappings;
  private boolean unlinked;

  Footprint(Ledger ledger) {
    this.ledger = ledger;
  }

  synchronized long bytes() {
    return bytes;
  }

  /** Takes over bytes that the caller has reserved. */
  synchronized void grow(long reserved) {
    if (unlinked) {
      ledger.release(reserved);
    } else {
      bytes += reserved;
    }
  }

  /** Counts a mapping until the garbage collector has found it unused. */
  synchronized void mapped(MappedByteBuffer root) {
    // Mapped by a reader that raced with a deletion: the bytes are accounted for already.
    if (!unlinked) {
      mappings++;
      CLEANER.register(root, this::unmapped);
    }
  }

  private synchronized void unmapped() {
    mappings--;
    if (unlinked && mappings == 0) {
      ledger.releaseLingering(bytes);
    }
  }

  /** Says that the file is unlinked. */
  synchronized void unlinked() {
    unlinked = true;
    if (mappings == 0) {
      ledger.release(bytes);
    } else {
      ledger.linger(bytes);
    }
  }
}
