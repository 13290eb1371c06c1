package io.swarmgate.filter.node;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a node is being emptied: balancers are told to send nobody new, what runs goes on, and so
 * does seeding. An operator begins and ends it, or a stop begins it, which alone waits for what
 * runs. Thread-safe.
 */
final class Drain {
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);
  private static final long LOOK_MILLIS = 50;

  /** So that whoever cuts a stop short by way of the node gets an answer before it is gone. */
  private static final Duration LEAST = Duration.ofMillis(500);

  private final IntSupplier responses;
  private final BooleanSupplier closed;

  // Guarded by this.
  private boolean on;
  private boolean stopping;

  /** When the wait of a stop ends, by {@link System#nanoTime}; of use while one waits. */
  private long end;

  /**
   * Takes what it depends on.
   *
   * @param responses how many are under way
   * @param closed whether there is nothing to wait for any more
   */
  Drain(IntSupplier responses, BooleanSupplier closed) {
    this.responses = responses;
    this.closed = closed;
  }

  synchronized boolean isOn() {
    return on;
  }

  /** Whether a stop has begun. */
  synchronized boolean isStopping() {
    return stopping;
  }

  synchronized void begin() {
    if (!on) {
      LOG.info("Draining; {} responses are under way", responses.getAsInt());
    }
    on = true;
  }

  /** Ends what an operator began; false if the node stops, which can't be taken back. */
  synchronized boolean end() {
    if (!stopping) {
      resume();
    }
    return !stopping;
  }

  /** Ends it in any case: whoever began to stop isn't the last who uses the node. */
  synchronized void resume() {
    if (on) {
      LOG.info("Not draining; {} responses are under way", responses.getAsInt());
    }
    on = false;
    stopping = false;
  }

  /**
   * Begins to stop.
   *
   * @param most how long {@link #await} may wait, from now; a second call changes nothing
   */
  synchronized void stop(Duration most) {
    begin();
    if (!stopping) {
      LOG.info(
          "Stopping when they have ended, in {} s at most; POST /drain with seconds=0 aborts them",
          most.toSeconds());
      stopping = true;
      end = System.nanoTime() + most.toNanos();
    }
  }

  /**
   * Lets a stop wait no longer than so long from now; false if there is none.
   *
   * @param most what is less than half a second counts as that
   */
  synchronized boolean hurry(Duration most) {
    if (stopping) {
      Duration wait = most.compareTo(LEAST) < 0 ? LEAST : most;
      long sooner = System.nanoTime() + wait.toNanos();
      end = sooner - end < 0 ? sooner : end;
    }
    return stopping;
  }

  /**
   * Waits, in a stop, until no response is under way, its time is up, the node was closed, or
   * somebody else has taken the node up.
   */
  void await() {
    try {
      while (isWaiting()) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    int left = responses.getAsInt();
    if (isStopping() && left > 0) {
      LOG.warn("{} responses still run, and are aborted", left);
    }
  }

  private synchronized boolean isWaiting() {
    return stopping
        && !closed.getAsBoolean()
        && responses.getAsInt() > 0
        && System.nanoTime() - end < 0;
  }
}
