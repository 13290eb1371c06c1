package io.swarmgate.backend.site;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.observe.Observer;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.swarm.Swarm;
import io.swarmgate.backend.swarm.SwarmEngine;
import io.swarmgate.backend.system.Workers;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's torrents, shared: one torrent may stand behind several URLs and generations, and is
 * added with its first use and removed with its last. One thread owns the count and calls the
 * engine, so that adding and removing never overtake each other. Thread-safe.
 */
public final class Torrents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Torrents.class);

  private final SwarmEngine engine;
  private final Observer observer;
  private final ExecutorService owner =
      Executors.newSingleThreadExecutor(Workers.threads("torrents", Thread.NORM_PRIORITY));
  private final Map<InfoHash, Deque<Use>> uses = new HashMap<>();

  public Torrents(SwarmEngine engine) {
    this(engine, Observer.NONE);
  }

  /**
   * Takes who is told.
   *
   * @param observer told of what becomes of the files behind torrents, and of their origins
   */
  public Torrents(SwarmEngine engine, Observer observer) {
    this.engine = engine;
    this.observer = observer;
  }

  /** Who is told of what becomes of the files behind torrents, and of their origins. */
  public Observer observer() {
    return observer;
  }

  /**
   * Makes a torrent known to the engine for as long as the returned use is held.
   *
   * @param from what its pieces are read from; uses from an equal source may stand in for each
   *     other
   * @param store opens its pieces
   * @param forgotten runs on the owning thread, once no use is left and the engine has removed the
   *     torrent, before it can be added again
   */
  public CompletionStage<Use> use(
      InfoHash infoHash, Object from, Supplier<PieceStore> store, Runnable forgotten) {
    Use use = new Use(infoHash, from, store, forgotten);
    return CompletableFuture.supplyAsync(() -> add(use), owner);
  }

  private Use add(Use use) {
    Deque<Use> all = uses.computeIfAbsent(use.infoHash, absent -> new ArrayDeque<>());
    if (all.isEmpty()) {
      engine.add(use.infoHash, use.store);
    }
    all.add(use);
    return use;
  }

  private void remove(Use use) {
    Deque<Use> all = uses.get(use.infoHash);
    boolean serving = all != null && all.peek() == use;
    if (all == null || !all.remove(use) || !serving) {
      return;
    }
    Use next = all.peek();
    if (next != null && next.from.equals(use.from)) {
      // The engine's store serves the next use as well; its readers must not be cut off.
      return;
    }
    engine.remove(use.infoHash);
    if (next != null) {
      engine.add(next.infoHash, next.store);
    } else {
      uses.remove(use.infoHash);
      use.forgotten.run();
    }
  }

  /**
   * Ends every use of a torrent: its readers fail, and those who held it find it gone. Completes
   * when the engine has removed it.
   */
  public CompletionStage<Void> end(InfoHash infoHash) {
    return onOwner(
        () -> {
          Deque<Use> all = uses.remove(infoHash);
          Use first = all == null ? null : all.peek();
          if (first != null) {
            engine.remove(infoHash);
            first.forgotten.run();
          }
        });
  }

  /** Completes when all that was released before is removed. */
  public CompletionStage<Void> settled() {
    return onOwner(() -> {});
  }

  private CompletionStage<Void> onOwner(Runnable task) {
    try {
      return CompletableFuture.runAsync(task, owner);
    } catch (RejectedExecutionException e) {
      LOG.debug("The node is closed");
      return CompletableFuture.completedStage(null);
    }
  }

  /** Ends the owning thread after what it has to do; torrents stay until the engine closes. */
  @Override
  public void close() {
    Workers.end(owner);
  }

  /** One holder's interest in a torrent. */
  public final class Use {
    private final InfoHash infoHash;
    private final Object from;
    private final Supplier<PieceStore> store;
    private final Runnable forgotten;

    private Use(InfoHash infoHash, Object from, Supplier<PieceStore> store, Runnable forgotten) {
      this.infoHash = infoHash;
      this.from = from;
      this.store = store;
      this.forgotten = forgotten;
    }

    public InfoHash infoHash() {
      return infoHash;
    }

    /**
     * Wakes the torrent for reading.
     *
     * @throws IllegalStateException if it was removed
     */
    public Swarm join() {
      return engine.join(infoHash);
    }

    /** The torrent if it is awake, without waiting; null if {@link #join} may have to. */
    public @Nullable Swarm joinAwake() {
      return engine.joinAwake(infoHash);
    }

    /** Whether any connected peer that has a piece of it brings what it is asked for. */
    public boolean hasSources() {
      return engine.status().stream()
          .filter(swarm -> swarm.infoHash().equals(infoHash))
          .anyMatch(
              swarm ->
                  swarm.peers().stream().anyMatch(peer -> peer.pieces() > 0 && peer.bringing()));
    }

    /** Ends the interest. Idempotent; completes when the engine no longer serves from it. */
    public CompletionStage<Void> release() {
      try {
        return CompletableFuture.runAsync(() -> remove(this), owner);
      } catch (RejectedExecutionException e) {
        LOG.debug("Torrent {} ends with the node", infoHash);
        return CompletableFuture.completedStage(null);
      }
    }
  }
}
