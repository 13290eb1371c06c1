package io.swarmgate.backend.catalog;

import io.swarmgate.backend.system.Workers;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that hash a node's files, of low priority: one for each core but one, and at least
 * one. They end when there is nothing to hash. Thread-safe.
 */
final class HashCrew implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final int size;
  private final ExecutorService threads;

  /**
   * Makes a crew.
   *
   * @param cores of the machine
   */
  HashCrew(int cores) {
    this.size = Math.max(1, cores - 1);
    ThreadFactory factory = Workers.threads("hasher", Thread.MIN_PRIORITY);
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            size,
            size,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            // Each site has no more here than there are threads.
            new LinkedBlockingQueue<>(),
            task ->
                factory.newThread(
                    () -> {
                      Niceness.lower();
                      task.run();
                    }));
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
  }

  /** How many files are hashed at a time. */
  int size() {
    return size;
  }

  /**
   * Runs a job in its turn.
   *
   * @throws java.util.concurrent.RejectedExecutionException if this is closed
   */
  void execute(Runnable job) {
    threads.execute(job);
  }

  @Override
  public void close() {
    Workers.end(threads);
  }
}
