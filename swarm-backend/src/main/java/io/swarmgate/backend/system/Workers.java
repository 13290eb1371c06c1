package io.swarmgate.backend.system;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Threads of ours: named, daemons, ended with the node. */
public final class Workers {
  private static final long END_SECONDS = 5;
  private static final long IDLE_SECONDS = 10;

  private Workers() {}

  /**
   * Makes daemon threads called {@code swarmgate-NAME-N}.
   *
   * @param priority a wish to the scheduler; nothing depends on it
   */
  @SuppressWarnings("ThreadPriorityCheck")
  public static ThreadFactory threads(String name, int priority) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "swarmgate-" + name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      thread.setPriority(priority);
      // Not the creator's, which may be one of several applications that the node is for.
      thread.setContextClassLoader(Workers.class.getClassLoader());
      return thread;
    };
  }

  /**
   * Makes a pool of {@link #threads}, for tasks that don't wait. A thread ends when it has had
   * nothing to do for some seconds.
   *
   * @param most threads; what comes beyond waits in a queue without a bound
   */
  public static ExecutorService pool(String name, int most) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            most,
            most,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            threads(name, Thread.NORM_PRIORITY));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * Runs what starts a thread that may outlive the node, such as the JDK's HTTP client: a thread
   * takes over its creator's context class loader, and would keep the classes of a web application
   * that is gone.
   */
  public static <T> T outsideApplications(Supplier<T> start) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
    try {
      return start.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /**
   * Starts the JDK's timer thread, {@link CompletableFuture#delayedExecutor}'s and others', which
   * never ends, {@linkplain #outsideApplications outside} of a web application.
   */
  public static void startTimer() {
    Executor none = task -> {};
    outsideApplications(
        () ->
            CompletableFuture.runAsync(
                () -> {}, CompletableFuture.delayedExecutor(0, TimeUnit.SECONDS, none)));
  }

  /** Lets what is queued finish for at most 5 s, then interrupts it. */
  public static void end(ExecutorService executor) {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
