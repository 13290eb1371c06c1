package io.swarmgate.backend.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Names the extents to evict, coldest first, by recency and frequency (W-TinyLFU). Caffeine keeps
 * the order; the ledger keeps their sum below what Caffeine is allowed, so that it has no reason to
 * evict by itself, and what it does evict is named first. Thread-safe; its lock is taken inside the
 * torrents', so nothing is called back under it.
 */
final class Victims {
  /** A download passing through an extent counts as one read, not as one for each slice. */
  private static final long ONE_READ = TimeUnit.SECONDS.toNanos(10);

  private final Queue<Extent> evicted = new ConcurrentLinkedQueue<>();
  private final Cache<Extent, Extent> order;
  private final Policy.Eviction<Extent, Extent> eviction;

  Victims(long quota) {
    order =
        Caffeine.newBuilder()
            .maximumWeight(quota + quota / 16)
            .weigher((Extent key, Extent extent) -> (int) Math.max(1, extent.footprint.bytes()))
            .evictionListener((key, extent, cause) -> add(extent))
            .executor(Runnable::run)
            .build();
    eviction = order.policy().eviction().orElseThrow();
  }

  private void add(@Nullable Extent extent) {
    if (extent != null) {
      evicted.add(extent);
    }
  }

  /**
   * Notes that an extent has come, or grown. Called under its torrent's lock.
   *
   * <p>It is weighed again only when it has doubled or is full: Caffeine takes each weighing for a
   * use, and what was just written would look well loved.
   */
  void grown(Extent extent) {
    long bytes = extent.footprint.bytes();
    if (bytes >= 2 * extent.weighed || (bytes == extent.length && bytes > extent.weighed)) {
      extent.weighed = bytes;
      order.put(extent, extent);
    }
  }

  /** Notes that an extent is being read. */
  void read(Extent extent, long now) {
    if (now - extent.countedAt >= ONE_READ) {
      extent.countedAt = now;
      Object unused = order.getIfPresent(extent);
    }
  }

  void forget(Extent extent) {
    order.invalidate(extent);
    evicted.remove(extent);
  }

  /** Extents to try in turn: the coldest that are not spared, of at least {@code bytes} in all. */
  List<Extent> coldest(long bytes, Predicate<Extent> spared) {
    return eviction.coldest(
        entries -> {
          List<Extent> found = new ArrayList<>();
          long sum = 0;
          Iterator<Extent> all =
              Stream.concat(evicted.stream(), entries.map(entry -> entry.getKey())).iterator();
          while (sum < bytes && all.hasNext()) {
            Extent extent = all.next();
            if (!spared.test(extent)) {
              found.add(extent);
              sum += extent.footprint.bytes();
            }
          }
          return found;
        });
  }
}
