package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.store.PieceStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The torrents an engine was told of. As long as any is awake, looks from time to time for what may
 * sleep. Thread-safe.
 */
final class KnownTorrents {
  private static final long SLEEP_AFTER_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long SWEEP_MILLIS = 20_000;

  private final Supplier<EventLoop> loop;
  private final Function<PieceStore, Torrent> waker;
  private final Consumer<Torrent> asleep;
  private final Map<InfoHash, Known> all = new ConcurrentHashMap<>();

  /** Of the loop. */
  private boolean sweeping;

  /**
   * @param loop where is looked for what may sleep; asked for when a torrent wakes
   * @param waker makes a torrent of its pieces; called on the thread that wakes it
   * @param asleep is told what has fallen asleep, to end it; on the loop
   */
  KnownTorrents(
      Supplier<EventLoop> loop, Function<PieceStore, Torrent> waker, Consumer<Torrent> asleep) {
    this.loop = loop;
    this.waker = waker;
    this.asleep = asleep;
  }

  /** Makes a torrent known; false if it is already. */
  boolean add(InfoHash infoHash, Supplier<PieceStore> store) {
    return all.putIfAbsent(infoHash, new Known(store, this::wake)) == null;
  }

  @Nullable Known find(InfoHash infoHash) {
    return all.get(infoHash);
  }

  /** Forgets a torrent, which nobody wakes any more; returns it if it is awake. */
  @Nullable Torrent remove(InfoHash infoHash) {
    Known entry = all.remove(infoHash);
    return entry == null ? null : entry.remove();
  }

  Set<InfoHash> infoHashes() {
    return all.keySet();
  }

  List<Torrent> awake() {
    List<Torrent> torrents = new ArrayList<>();
    for (Known entry : all.values()) {
      Torrent torrent = entry.awake();
      if (torrent != null) {
        torrents.add(torrent);
      }
    }
    return torrents;
  }

  private Torrent wake(PieceStore pieces) {
    loop.get().execute(this::sweepLater);
    return waker.apply(pieces);
  }

  private void sweepLater() {
    if (!sweeping) {
      sweeping = true;
      var unused = loop.get().schedule(SWEEP_MILLIS, this::sweep);
    }
  }

  private void sweep() {
    sweeping = false;
    boolean awake = false;
    for (Known entry : all.values()) {
      Torrent idle = entry.fallAsleep(SLEEP_AFTER_NANOS);
      if (idle != null) {
        asleep.accept(idle);
      } else {
        awake |= entry.isAwake();
      }
    }
    if (awake) {
      sweepLater();
    }
  }
}
