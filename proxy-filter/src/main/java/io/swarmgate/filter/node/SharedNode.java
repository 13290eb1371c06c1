package io.swarmgate.filter.node;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A node that is shared by all who ask for one of the same settings: web applications and handlers
 * of one server, which so have one engine, one store and one peer port. It starts with the first
 * and ends with the last of them. Sharing takes that they share this class, too. Thread-safe.
 */
public final class SharedNode implements Backend, AutoCloseable {
  private record Key(Map<String, String> values, Path base) {}

  /** A node and how many hold it. */
  private static final class Shared {
    private final Node node;
    private int holders = 1;

    Shared(Node node) {
      this.node = node;
    }
  }

  /**
   * Guarded by itself, also while a node starts or ends: another of the same must wait for that.
   */
  private static final Map<Key, Shared> RUNNING = new HashMap<>();

  private final Key key;
  private final Node node;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  private SharedNode(Key key, Node node) {
    this.key = key;
    this.node = node;
  }

  /**
   * Starts a node, unless one of the same settings runs; see {@link Node#start}.
   *
   * @param values settings by NAME, as text; unset and empty ones stand for their defaults
   * @param base what relative paths start from
   */
  public static SharedNode start(Map<String, String> values, Path base)
      throws ConfigException, IOException {
    Map<String, String> given = new HashMap<>(values);
    given.values().removeIf(String::isEmpty);
    Key key = new Key(Map.copyOf(given), base.toAbsolutePath().normalize());
    synchronized (RUNNING) {
      Shared running = RUNNING.get(key);
      if (running != null) {
        running.holders++;
        running.node.resume();
        return new SharedNode(key, running.node);
      }
      Node started = startForAll(values, base);
      RUNNING.put(key, new Shared(started));
      return new SharedNode(key, started);
    }
  }

  /** Its threads belong to none of the applications: they would hold the classes of the first. */
  private static Node startForAll(Map<String, String> values, Path base)
      throws ConfigException, IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(SharedNode.class.getClassLoader());
    try {
      return Node.start(values, base);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Override
  public boolean accepts(RequestView request) {
    return !closed.get() && node.accepts(request);
  }

  @Override
  public boolean involvesChain(RequestView request) {
    return node.involvesChain(request);
  }

  @Override
  public CompletionStage<Outcome> open(RequestView request) {
    return node.open(request);
  }

  /** How long a stop may wait for responses to finish. */
  public Duration drainTimeout() {
    return node.drainTimeout();
  }

  /** Begins to drain the node and stop it, if nobody else holds it. */
  public void drain() {
    if (isLast()) {
      node.drain();
    }
  }

  /**
   * Drains the node, then stops it with what still runs; unless somebody else holds it, before or
   * after.
   */
  public void drainAndAbort() {
    if (isLast()) {
      node.awaitDrained();
      if (isLast()) {
        abort();
      }
    }
  }

  /**
   * Ends this holding; the last one drains the node and stops it. Idempotent. A second call, while
   * the first one waits for responses, aborts them.
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      abort();
      return;
    }
    // Without the lock, since it may take minutes; whoever joins meanwhile ends the draining.
    drainAndAbort();
    abort();
  }

  /** Ends this holding at once; the last one stops the node without draining. Idempotent. */
  public void abort() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    synchronized (RUNNING) {
      Shared running = RUNNING.get(key);
      if (running != null && --running.holders == 0) {
        RUNNING.remove(key);
        running.node.abort();
      }
    }
  }

  private boolean isLast() {
    synchronized (RUNNING) {
      Shared running = RUNNING.get(key);
      return !closed.get() && running != null && running.holders == 1;
    }
  }
}
