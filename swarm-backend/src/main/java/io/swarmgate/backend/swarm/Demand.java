package io.swarmgate.backend.swarm;

import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is wanted of one torrent: its readers' windows, the rest if it is to be filled, and nothing
 * for a moment after the store failed. Owned by the loop; never asks a clock.
 */
final class Demand {
  private static final long STORE_PAUSE_NANOS = 1_000_000_000L;

  private final PieceStore store;
  private final PiecePicker picker;
  private final PieceChecks checks;
  private final FillOrder fillOrder;
  private final Set<SwarmReader> readers = new HashSet<>();
  private boolean fill;

  /** When the store is tried again that has failed; else 0. */
  private long storeRetryAt;

  Demand(PieceStore store, PiecePicker picker, PieceChecks checks, FillOrder fillOrder) {
    this.store = store;
    this.picker = picker;
    this.checks = checks;
    this.fillOrder = fillOrder;
  }

  void add(SwarmReader reader) {
    readers.add(reader);
  }

  /** False if it isn't here. */
  boolean remove(SwarmReader reader) {
    return readers.remove(reader);
  }

  /** Whether pieces that no reader wants are wanted too. */
  void fill(boolean everything) {
    fill = everything;
  }

  /** The want list as it should be now; what only needs its hash checked is sent to be checked. */
  WantList wants(Sessions sessions, long now) {
    List<WantList.Window> windows = new ArrayList<>();
    for (SwarmReader reader : readers) {
      WantList.Window window = reader.hasFailed() ? null : reader.window();
      if (window != null) {
        windows.add(window);
      }
    }
    boolean paused = now - storeRetryAt < 0;
    List<Integer> rest = fill ? fillOrder.next(picker::isMissing, sessions::copies) : List.of();
    return paused ? WantList.EMPTY : WantList.of(windows, rest, this::isMissing, sessions.stripe());
  }

  /**
   * Whether a piece must be fetched; one that only needs its hash checked is sent to be checked.
   */
  private boolean isMissing(int piece) {
    if (!picker.isMissing(piece)) {
      return false;
    }
    if (!store.isUnverified(piece)) {
      return true;
    }
    checks.verify(piece);
    return false;
  }

  /** The store has failed: nothing is wanted for a moment. */
  void pause(long now) {
    storeRetryAt = now + STORE_PAUSE_NANOS;
  }

  boolean isPaused() {
    return storeRetryAt != 0;
  }

  /** Ends the pause if it is over; true once. */
  boolean resumes(long now) {
    if (storeRetryAt == 0 || now - storeRetryAt < 0) {
      return false;
    }
    storeRetryAt = 0;
    return true;
  }

  /** A block of a piece has come: who waits for the piece isn't stalled. */
  void received(int piece, long now) {
    for (SwarmReader reader : readers) {
      if (reader.isBlocked() && reader.piece() == piece) {
        reader.waitsFrom(now);
      }
    }
  }

  /** A piece is here: who waits for it is woken. */
  void stored(int piece) {
    for (SwarmReader reader : readers) {
      reader.stored(piece);
    }
  }

  void checkStalls(long now) {
    for (SwarmReader reader : List.copyOf(readers)) {
      reader.checkStall(now);
    }
  }

  /** Whether a reader waits for a piece. */
  boolean hasBlocked() {
    return readers.stream().anyMatch(SwarmReader::isBlocked);
  }

  /** Whether there is no reader, and it isn't to be filled. */
  boolean isEmpty() {
    return readers.isEmpty() && !fill;
  }

  List<SwarmDetails.Reader> details() {
    return readers.stream()
        .map(reader -> new SwarmDetails.Reader(reader.position(), reader.isBlocked()))
        .toList();
  }

  int readers() {
    return readers.size();
  }

  /** Fails the readers. */
  void close(IOException cause) {
    for (SwarmReader reader : readers) {
      reader.fail(cause);
    }
    readers.clear();
  }
}
