package io.swarmgate.backend.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Names the extents to evict, coldest first, by recency and frequency (W-TinyLFU). Caffeine only
 * keeps the order: it is given more room than the ledger ever allows, so that it never evicts by
 * itself. Thread-safe; its lock is taken inside the torrents', so nothing is called back under it.
 */
final class Victims {
  /** A download passing through an extent counts as one read, not as one for each slice. */
  private static final long ONE_READ = TimeUnit.SECONDS.toNanos(10);

  private final Cache<Extent, Extent> order;
  private final Policy.Eviction<Extent, Extent> eviction;

  Victims(long quota) {
    order =
        Caffeine.newBuilder()
            .maximumWeight(quota + quota / 8 + (1 << 20))
            .weigher((Extent key, Extent extent) -> (int) Math.max(1, extent.footprint.bytes()))
            .executor(Runnable::run)
            .build();
    eviction = order.policy().eviction().orElseThrow();
  }

  /** Notes that an extent has come, or grown. */
  void grown(Extent extent) {
    order.put(extent, extent);
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
  }

  /** Extents to try in turn: the coldest that nobody is using, of at least {@code bytes} in all. */
  List<Extent> coldest(long bytes, Predicate<Extent> busy) {
    return eviction.coldest(
        entries -> {
          List<Extent> found = new ArrayList<>();
          long sum = 0;
          for (Iterator<Extent> i = entries.map(e -> e.getKey()).iterator();
              i.hasNext() && sum < bytes; ) {
            Extent extent = i.next();
            if (!busy.test(extent)) {
              found.add(extent);
              sum += extent.footprint.bytes();
            }
          }
          return found;
        });
  }
}
