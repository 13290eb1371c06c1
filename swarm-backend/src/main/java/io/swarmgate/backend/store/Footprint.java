package io.swarmgate.backend.store;

import org.jspecify.annotations.Nullable;

/**
 * What one extent costs: its bytes stay in the ledger until its file is unlinked and its last
 * mapping is gone. Must not refer to the extent or its buffers, which it outlives. Thread-safe.
 */
final class Footprint {
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

  /** Whether unlinking its file would not free its bytes at once. */
  synchronized boolean isMapped() {
    return mappings > 0;
  }

  /** Takes over bytes that the caller has reserved. */
  synchronized void grow(long reserved) {
    if (unlinked) {
      ledger.release(reserved);
    } else {
      bytes += reserved;
    }
  }

  /** Allows a mapping and counts it until it is gone; as {@link MappedFile.Permit} has it. */
  synchronized @Nullable Runnable map(long size) {
    if (unlinked) {
      // A reader that raced with a deletion: the bytes are accounted for already.
      return () -> {};
    }
    if (!ledger.tryMap(size)) {
      return null;
    }
    mappings++;
    return () -> unmapped(size);
  }

  private synchronized void unmapped(long size) {
    mappings--;
    ledger.unmap(size);
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
