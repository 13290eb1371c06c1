package io.swarmgate.backend.observe;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures one site's answers: what is delivered, when it has been written, and how long it was
 * waited for. Thread-safe.
 */
public final class Meter {
  private final String site;
  private final Observer observer;
  private final LongSupplier nanoTime;

  public Meter(String site, Observer observer) {
    this(site, observer, System::nanoTime);
  }

  Meter(String site, Observer observer, LongSupplier nanoTime) {
    this.site = site;
    this.observer = observer;
    this.nanoTime = nanoTime;
  }

  /**
   * Counts an answer, and measures its content.
   *
   * @param otherwise where content comes from that doesn't tell by itself
   * @return what to answer with in its place
   */
  public Outcome measured(Outcome outcome, Provenance otherwise) {
    if (outcome instanceof Outcome.Serve serve) {
      observer.answered(site, Answer.SERVED);
      return new Outcome.Serve(new MeteredRepresentation(serve.representation(), this, otherwise));
    }
    if (outcome instanceof Outcome.PassThrough origin) {
      observer.answered(site, Answer.RELAYED);
      return new Outcome.PassThrough(
          origin.status(), origin.fields(), new MeteredBody(origin.body(), this));
    }
    if (outcome instanceof Outcome.Ask ask) {
      return new Outcome.Ask(
          () -> ask.allowed().get().thenApply(then -> measured(then, otherwise)),
          () -> {
            observer.answered(site, Answer.PASSED_ON);
            ask.refused().run();
          });
    }
    observer.answered(site, answer(outcome));
    return outcome;
  }

  private static Answer answer(Outcome outcome) {
    if (outcome instanceof Outcome.Fail) {
      return Answer.FAILED;
    }
    return outcome instanceof Outcome.Busy ? Answer.BUSY : Answer.PASSED_ON;
  }

  /** Begins to measure the reading of one response's content. */
  Waits waits() {
    return new Waits(nanoTime.getAsLong());
  }

  /**
   * A slice whose bytes are counted once whoever wrote them gives them back.
   *
   * @param before what had been read before it; null if content doesn't tell
   */
  Slice counted(
      Slice slice, @Nullable Sources before, @Nullable Sources after, Provenance otherwise) {
    int length = slice.buffer().remaining();
    return before == null || after == null
        ? new CountedSlice(slice, () -> observer.delivered(site, otherwise, length))
        : new CountedSlice(
            slice,
            () -> {
              delivered(Provenance.STORE, after.store() - before.store());
              delivered(Provenance.PEERS, after.peers() - before.peers());
              delivered(Provenance.ORIGIN, after.origin() - before.origin());
            });
  }

  private void delivered(Provenance from, long bytes) {
    if (bytes > 0) {
      observer.delivered(site, from, bytes);
    }
  }

  /** How long one response waits for its content. Of the reading thread; the sum of any. */
  final class Waits {
    private final long opened;
    private boolean begun;
    private boolean waiting;
    private boolean failed;
    private long since;
    private volatile long waited;

    private Waits(long opened) {
      this.opened = opened;
    }

    /** A poll brought nothing. */
    void nothing() {
      if (!waiting) {
        waiting = true;
        since = nanoTime.getAsLong();
      }
    }

    /** A poll brought something. */
    void something() {
      long now = waiting || !begun ? nanoTime.getAsLong() : 0;
      if (!begun) {
        begun = true;
        observer.firstByte(site, Duration.ofNanos(now - opened));
      } else if (waiting) {
        observer.stalled(site, Duration.ofNanos(now - since));
      }
      end(now);
    }

    /** A poll failed. */
    void failed(Exception reason) {
      if (waiting && begun) {
        observer.stalled(site, Duration.ofNanos(nanoTime.getAsLong() - since));
      }
      end(nanoTime.getAsLong());
      if (!failed) {
        failed = true;
        observer.aborted(site, String.valueOf(reason.getMessage()));
      }
    }

    // Of the reading thread; volatile for those who ask.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void end(long now) {
      if (waiting) {
        waiting = false;
        waited += now - since;
      }
    }

    /** All of its waits that are over, in milliseconds. */
    long millis() {
      return waited / 1_000_000;
    }
  }
}
