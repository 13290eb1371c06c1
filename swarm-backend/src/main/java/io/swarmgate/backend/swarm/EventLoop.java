package io.swarmgate.backend.swarm;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the state of every torrent and connection given to it. It sleeps in its
 * selector until a channel is ready, a task arrives or a timer is due; it never polls.
 */
final class EventLoop implements Executor, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

  /** What a key's attachment is told. Both methods run on the loop. */
  interface ChannelHandler {
    /** The channel can be read, written or connected, as its interest set says. */
    void ready(SelectionKey key) throws IOException;

    /** {@link #ready} failed; close what belongs to the channel. */
    void failed(Exception cause);
  }

  /** A timer; {@link #cancel} only from the loop. */
  static final class Timer implements Comparable<Timer> {
    private final long due;
    private Runnable task;
    private boolean cancelled;

    private Timer(long due, Runnable task) {
      this.due = due;
      this.task = task;
    }

    void cancel() {
      cancelled = true;
      // It stays in the queue until it is due, which may be in an hour; what it holds on to
      // doesn't.
      task = () -> {};
    }

    @Override
    public int compareTo(Timer other) {
      return Long.signum(due - other.due);
    }
  }

  private final Selector selector;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private volatile boolean stopping;

  EventLoop(String name) throws IOException {
    selector = Selector.open();
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /** Runs a task on the loop, soon; tasks given after {@link #close} never run. */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (!isCurrent()) {
      selector.wakeup();
    }
  }

  /** Runs a task on the loop, and waits for it a few seconds at most. From any thread. */
  void await(Runnable task) {
    if (isCurrent()) {
      task.run();
      return;
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    execute(
        () -> {
          try {
            task.run();
          } finally {
            done.complete(null);
          }
        });
    try {
      done.get(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The peer loop did not answer in time", e);
    }
  }

  /** Runs a task after a delay. Only from the loop. */
  Timer schedule(long delayMillis, Runnable task) {
    Timer timer = new Timer(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis), task);
    timers.add(timer);
    return timer;
  }

  /** Registers a non-blocking channel. Only from the loop. */
  SelectionKey register(SelectableChannel channel, int interest, ChannelHandler handler)
      throws IOException {
    return channel.register(selector, interest, handler);
  }

  private void run() {
    while (!stopping) {
      try {
        select();
        runTasks();
        runTimers();
        for (SelectionKey key : selector.selectedKeys()) {
          handle(key);
        }
        selector.selectedKeys().clear();
      } catch (IOException | RuntimeException | Error e) {
        LOG.error("The peer loop goes on after an unexpected failure", e);
      }
    }
    runTasks();
    try {
      selector.close();
    } catch (IOException e) {
      LOG.debug("Closing the peer loop's selector", e);
    }
  }

  private void select() throws IOException {
    if (!tasks.isEmpty()) {
      selector.selectNow();
      return;
    }
    Timer next = timers.peek();
    if (next == null) {
      selector.select();
      return;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(next.due - System.nanoTime() + 999_999);
    if (millis > 0) {
      selector.select(millis);
    } else {
      selector.selectNow();
    }
  }

  private void runTasks() {
    // Only what is there now: a task that adds tasks must not keep the channels waiting.
    for (int left = tasks.size(); left > 0; left--) {
      Runnable task = tasks.poll();
      if (task == null) {
        return;
      }
      runSafely(task);
    }
  }

  private void runTimers() {
    long now = System.nanoTime();
    for (Timer timer = timers.peek();
        timer != null && (timer.cancelled || timer.due - now <= 0);
        timer = timers.peek()) {
      timers.poll();
      if (!timer.cancelled) {
        runSafely(timer.task);
      }
    }
  }

  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.error("A task of the peer loop failed", e);
    }
  }

  private static void handle(SelectionKey key) {
    if (!key.isValid() || !(key.attachment() instanceof ChannelHandler handler)) {
      return;
    }
    try {
      handler.ready(key);
    } catch (IOException | RuntimeException e) {
      handler.failed(e);
    } catch (Error e) {
      // Memory, most likely: one connection may lack it, and the thread of all others must live.
      LOG.error("A connection failed", e);
      handler.failed(new IOException(e));
    }
  }

  /** Ends the thread once the tasks given so far have run; waits for that. Idempotent. */
  @Override
  public void close() {
    stopping = true;
    selector.wakeup();
    if (isCurrent() || !thread.isAlive()) {
      return;
    }
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
