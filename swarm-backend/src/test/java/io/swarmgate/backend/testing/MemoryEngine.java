package io.swarmgate.backend.testing;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.Swarm;
import io.swarmgate.backend.swarm.SwarmEngine;
import io.swarmgate.backend.swarm.SwarmStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An engine whose peers are the other engines of one {@link Net}: a piece that is missing here is
 * copied from whichever has it, and where none has it, the reader's fallback is asked.
 */
public final class MemoryEngine implements SwarmEngine {
  /** Engines that reach each other. */
  public static final class Net {
    private final List<MemoryEngine> engines = new CopyOnWriteArrayList<>();

    public MemoryEngine engine() {
      MemoryEngine engine = new MemoryEngine(this);
      engines.add(engine);
      return engine;
    }
  }

  private static final long ASK_AGAIN_NANOS = 200_000_000;

  private final Net net;
  private final Map<InfoHash, Supplier<PieceStore>> known = new ConcurrentHashMap<>();
  private final Map<InfoHash, PieceStore> open = new ConcurrentHashMap<>();

  /** Every info-hash ever removed, in order. */
  public final List<InfoHash> removed = new CopyOnWriteArrayList<>();

  public volatile boolean started;
  public volatile boolean closed;
  public volatile @Nullable IOException startFailure;

  private MemoryEngine(Net net) {
    this.net = net;
  }

  public Set<InfoHash> torrents() {
    return Set.copyOf(known.keySet());
  }

  /** The torrents whose stores are open. */
  public Set<InfoHash> awake() {
    return Set.copyOf(open.keySet());
  }

  @Override
  public void start() throws IOException {
    IOException failure = startFailure;
    if (failure != null) {
      throw failure;
    }
    started = true;
  }

  @Override
  public void add(InfoHash infoHash, Supplier<PieceStore> store) {
    if (known.putIfAbsent(infoHash, store) != null) {
      throw new IllegalStateException(infoHash + " was added twice");
    }
  }

  @Override
  public Swarm join(InfoHash infoHash) {
    return new MemorySwarm(store(infoHash));
  }

  private PieceStore store(InfoHash infoHash) {
    Supplier<PieceStore> supplier = known.get(infoHash);
    if (supplier == null) {
      throw new IllegalStateException(infoHash + " is unknown");
    }
    return open.computeIfAbsent(infoHash, absent -> supplier.get());
  }

  @Override
  public void remove(InfoHash infoHash) {
    if (known.remove(infoHash) != null) {
      removed.add(infoHash);
      PieceStore store = open.remove(infoHash);
      if (store != null) {
        store.close();
      }
    }
  }

  @Override
  public List<SwarmStatus> status() {
    return List.of();
  }

  @Override
  public long uploaded() {
    return 0;
  }

  @Override
  public long downloaded() {
    return 0;
  }

  @Override
  public void close() {
    closed = true;
    net.engines.remove(this);
    open.values().forEach(PieceStore::close);
  }

  private final class MemorySwarm implements Swarm {
    private final PieceStore store;

    MemorySwarm(PieceStore store) {
      this.store = store;
    }

    @Override
    public Metainfo metainfo() {
      return store.metainfo();
    }

    @Override
    public ContentReader reader(ReadPolicy policy) {
      return new MemoryReader(store, policy);
    }

    @Override
    public void fill(boolean everything) {}

    @Override
    public CompletionStage<Boolean> offer(int piece, ByteBuffer data) {
      byte[] sha1 = sha1(data);
      if (!metainfo().matches(piece, sha1)) {
        return CompletableFuture.completedStage(false);
      }
      try {
        store.write(piece, data);
        return CompletableFuture.completedStage(true);
      } catch (IOException e) {
        return CompletableFuture.failedStage(e);
      }
    }

    private static byte[] sha1(ByteBuffer data) {
      var digest = TestCodec.digest("SHA-1");
      digest.update(data.duplicate());
      return digest.digest();
    }
  }

  private final class MemoryReader implements ContentReader {
    private final PieceStore store;
    private final ReadPolicy policy;
    private int awaited;
    private int asked = -1;
    private long askedAt;
    private volatile boolean closed;

    MemoryReader(PieceStore store, ReadPolicy policy) {
      this.store = store;
      this.policy = policy;
    }

    @Override
    public @Nullable Slice poll(long position, int max) throws IOException {
      if (closed) {
        throw new IOException("closed");
      }
      if (!known.containsKey(store.metainfo().infoHash())) {
        throw new IOException("removed");
      }
      awaited = store.metainfo().layout().pieceAt(position);
      copyFromPeers(awaited);
      return store.slice(position, max);
    }

    private void copyFromPeers(int piece) throws IOException {
      for (MemoryEngine peer : net.engines) {
        if (peer != MemoryEngine.this && peer.known.containsKey(store.metainfo().infoHash())) {
          PieceStore theirs = peer.store(store.metainfo().infoHash());
          long start = store.metainfo().layout().start(piece);
          int length = store.metainfo().layout().length(piece);
          Slice slice = theirs.has(piece) ? theirs.slice(start, length) : null;
          if (slice != null) {
            store.write(piece, slice.buffer());
            slice.close();
          }
        }
      }
    }

    @Override
    public void onReady(Runnable waiter) {
      // Not at each turn: between a look and the next question the first one's answer may come.
      long now = System.nanoTime();
      if (asked != awaited || now - askedAt > ASK_AGAIN_NANOS) {
        asked = awaited;
        askedAt = now;
        policy.fallback().fetch(awaited);
      }
      ForkJoinPool.commonPool().execute(waiter);
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
