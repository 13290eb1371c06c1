package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the trackers told of the torrents we know, and the dialer of the peers they name. Torrents
 * that sleep are announced too, without asking for peers: a publisher's sleep until somebody who
 * has found it wants them. Owned by the loop.
 */
final class Announcer {
  /**
   * How we appear to trackers.
   *
   * @param host empty for the address that a tracker sees
   */
  record Self(PeerId id, String host, int port) {}

  /** Runs a task on the loop after a delay; what it returns calls that off. */
  interface Timers {
    Runnable schedule(long millis, Runnable task);
  }

  private final List<TrackerQueue> trackers;
  private final LongSupplier nanoTime;
  private final Map<InfoHash, AnnouncedTorrent> all = new HashMap<>();
  private boolean closing;
  private @Nullable CompletableFuture<Void> closed;

  /**
   * Takes the trackers to tell.
   *
   * @param found given what a tracker named for a torrent, on the loop
   */
  Announcer(
      Executor loop,
      Timers timers,
      List<Tracker> trackers,
      Self self,
      BiConsumer<Torrent, List<InetSocketAddress>> found,
      LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    int key = ThreadLocalRandom.current().nextInt();
    TrackerQueue.Context context =
        new TrackerQueue.Context(loop, timers, self, key, found, nanoTime, this::completeIfIdle);
    this.trackers = trackers.stream().map(tracker -> new TrackerQueue(tracker, context)).toList();
  }

  /** A torrent is known from now on. */
  void add(InfoHash infoHash) {
    if (closing || all.containsKey(infoHash)) {
      return;
    }
    AnnouncedTorrent torrent = new AnnouncedTorrent(infoHash);
    all.put(infoHash, torrent);
    for (TrackerQueue tracker : trackers) {
      Listing listing = new Listing(torrent, tracker);
      torrent.listings().add(listing);
      tracker.enqueue(listing, false);
    }
  }

  /** A torrent has woken, and misses pieces or serves some. */
  void awake(Torrent torrent) {
    AnnouncedTorrent known = all.get(torrent.metainfo().infoHash());
    if (known != null) {
      known.awake(torrent);
    }
  }

  /** A torrent has fallen asleep; it stays announced. */
  void asleep(Torrent torrent) {
    AnnouncedTorrent known = all.get(torrent.metainfo().infoHash());
    if (known != null) {
      known.asleep(torrent);
    }
  }

  /**
   * A torrent misses pieces. Called often; asks once for peers, and again as soon as the tracker's
   * least interval allows while none is connected.
   */
  void wanted(Torrent torrent) {
    AnnouncedTorrent known = all.get(torrent.metainfo().infoHash());
    if (known == null) {
      return;
    }
    known.awake(torrent);
    long now = nanoTime.getAsLong();
    for (Listing listing : known.listings()) {
      if (!listing.refused
          && (!listing.askedForPeers || (now - listing.earliest >= 0 && !torrent.hasPeers()))) {
        listing.tracker.enqueue(listing, true);
      }
    }
  }

  /** A torrent is known no more; trackers that know it are told. */
  void remove(InfoHash infoHash) {
    AnnouncedTorrent torrent = all.remove(infoHash);
    if (torrent == null) {
      return;
    }
    torrent.remove();
    for (Listing listing : torrent.listings()) {
      listing.tracker.stop(listing);
    }
  }

  /**
   * Tells the trackers that all torrents are gone. Completes when they have answered, which may be
   * never: the caller waits as long as it likes, while the loop runs.
   */
  CompletionStage<Void> close() {
    closing = true;
    CompletableFuture<Void> done = new CompletableFuture<>();
    closed = done;
    trackers.forEach(TrackerQueue::closing);
    List.copyOf(all.keySet()).forEach(this::remove);
    trackers.forEach(TrackerQueue::callOffRetry);
    completeIfIdle();
    return done;
  }

  private void completeIfIdle() {
    if (closed != null && trackers.stream().allMatch(TrackerQueue::isIdle)) {
      closed.complete(null);
    }
  }
}
