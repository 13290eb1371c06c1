package io.swarmgate.backend.origin;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one after the other, in the order they came, on threads of a pool: what they alone
 * touch has one writer. Thread-safe.
 */
final class Lane implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  /** Tasks run before a thread is given back, so that no lane keeps one from the others. */
  private static final int AT_A_TIME = 64;

  private final Executor pool;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  Lane(Executor pool) {
    this.pool = pool;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (count.getAndIncrement() == 0) {
      begin();
    }
  }

  private void begin() {
    try {
      pool.execute(this::run);
    } catch (RejectedExecutionException e) {
      LOG.debug("The node has ended, and so has what is left to do: {}", e.toString());
    }
  }

  private void run() {
    for (int i = 0; i < AT_A_TIME; i++) {
      Runnable task = tasks.poll();
      try {
        if (task != null) {
          task.run();
        }
      } catch (RuntimeException | Error e) {
        // One that leaves here would leave the lane to nobody.
        LOG.error("A task failed", e);
      }
      if (count.decrementAndGet() == 0) {
        return;
      }
    }
    begin();
  }
}
