package io.swarmgate.backend.swarm;

import org.jspecify.annotations.Nullable;

/**
 * Runs a task once after a while, which is short if something is waited for: a wait that begins
 * meanwhile makes it shorter. Owned by the loop.
 */
final class Ticker {
  private static final long TICK_MILLIS = 50;
  private static final long IDLE_TICK_MILLIS = 5_000;

  private final EventLoop loop;
  private final Runnable task;
  private EventLoop.@Nullable Timer next;
  private boolean fast;

  Ticker(EventLoop loop, Runnable task) {
    this.loop = loop;
    this.task = task;
  }

  /**
   * Lets it run, if it isn't about to anyway.
   *
   * @param waiting whether something is waited for
   */
  void tickLater(boolean waiting) {
    if (next != null) {
      if (!waiting || fast) {
        return;
      }
      next.cancel();
    }
    fast = waiting;
    next = loop.schedule(waiting ? TICK_MILLIS : IDLE_TICK_MILLIS, this::tick);
  }

  private void tick() {
    next = null;
    task.run();
  }
}
