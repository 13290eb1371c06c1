package io.swarmgate.backend.origin;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Lets so many be under way at a time; the others wait, without a thread, in the order they came.
 * Thread-safe.
 */
final class Turns {
  private int free;
  private final Deque<CompletableFuture<Turn>> waiting = new ArrayDeque<>();

  /** One who is under way. */
  final class Turn {
    private final AtomicBoolean ended = new AtomicBoolean();

    private Turn() {}

    /** Lets the next go. Idempotent. */
    void end() {
      if (ended.compareAndSet(false, true)) {
        next();
      }
    }
  }

  /** Lets {@code most} be under way at a time, at least 1. */
  Turns(int most) {
    this.free = most;
  }

  /** Completes when it is one's turn; whoever gets it ends it. */
  CompletionStage<Turn> take() {
    CompletableFuture<Turn> turn = new CompletableFuture<>();
    synchronized (waiting) {
      if (free == 0) {
        waiting.add(turn);
        return turn;
      }
      free--;
    }
    turn.complete(new Turn());
    return turn;
  }

  /** Whether whoever comes now doesn't wait. It may be otherwise the moment after. */
  boolean isFree() {
    synchronized (waiting) {
      return free > 0;
    }
  }

  /** Does something when it is its turn, which ends when that has completed. */
  <T> CompletionStage<T> during(Supplier<CompletionStage<T>> work) {
    return take().thenCompose(turn -> begin(work).whenComplete((done, e) -> turn.end()));
  }

  private static <T> CompletionStage<T> begin(Supplier<CompletionStage<T>> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private void next() {
    CompletableFuture<Turn> first;
    synchronized (waiting) {
      first = waiting.poll();
      if (first == null) {
        free++;
      }
    }
    if (first != null) {
      first.complete(new Turn());
    }
  }
}
