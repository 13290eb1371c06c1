package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the trackers told of the torrents we know, and the dialer of the peers they name. Torrents
 * that sleep are announced too, without asking for peers: a publisher's sleep until somebody who
 * has found it wants them. A tracker that fails is tried with one announce at a time, after growing
 * pauses; the others wait for it. Owned by the loop.
 */
final class Announcer {
  private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

  /** Whatever a tracker says, it is not asked again sooner than this, nor much later. */
  private static final Duration SHORTEST = Duration.ofSeconds(30);

  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(30);

  /** Least time between announces where the tracker names none, as with UDP. */
  private static final Duration DEFAULT_MIN_INTERVAL = Duration.ofMinutes(1);

  /** No tracker client takes longer, unless it is broken. */
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(2);

  private static final int WANT = 50;
  private static final int IN_FLIGHT = 4;

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

  /** What we know of a tracker. */
  private static final class Server {
    private final Tracker tracker;

    /** Announces that are due; those that say "stopped" go first. */
    private final Deque<Entry> due = new ArrayDeque<>();

    private int inFlight;
    private int failures;
    private int refused;

    /** Calls off the next try; null if there is none. */
    private @Nullable Runnable retry;

    Server(Tracker tracker) {
      this.tracker = tracker;
    }
  }

  /** A torrent at a tracker. */
  private static final class Entry {
    private final Listed torrent;
    private final Server server;

    /** Calls off the next announce; null if there is none. */
    private @Nullable Runnable timer;

    private boolean queued;
    private boolean inFlight;
    private boolean started;
    private boolean askedForPeers;
    private boolean refused;
    private long pauseMillis;
    private long earliest;

    Entry(Listed torrent, Server server) {
      this.torrent = torrent;
      this.server = server;
    }
  }

  private static final class Listed {
    private final InfoHash infoHash;
    private final List<Entry> entries = new ArrayList<>();
    private @Nullable Torrent awake;
    private boolean gone;
    private long uploaded;
    private long downloaded;

    /** What it had exchanged when it last fell asleep, for it counts from waking on. */
    private long uploadedBefore;

    private long downloadedBefore;

    Listed(InfoHash infoHash) {
      this.infoHash = infoHash;
    }
  }

  private final Executor loop;
  private final Timers timers;
  private final List<Server> servers;
  private final Self self;
  private final BiConsumer<Torrent, List<InetSocketAddress>> found;
  private final LongSupplier nanoTime;
  private final int key = ThreadLocalRandom.current().nextInt();
  private final Map<InfoHash, Listed> all = new HashMap<>();
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
    this.loop = loop;
    this.timers = timers;
    servers = trackers.stream().map(Server::new).toList();
    this.self = self;
    this.found = found;
    this.nanoTime = nanoTime;
  }

  /** A torrent is known from now on. */
  void add(InfoHash infoHash) {
    if (closing || all.containsKey(infoHash)) {
      return;
    }
    Listed torrent = new Listed(infoHash);
    all.put(infoHash, torrent);
    for (Server server : servers) {
      Entry entry = new Entry(torrent, server);
      torrent.entries.add(entry);
      enqueue(entry, false);
    }
  }

  /** A torrent has woken, and misses pieces or serves some. */
  void awake(Torrent torrent) {
    Listed known = all.get(torrent.metainfo().infoHash());
    if (known != null) {
      known.awake = torrent;
    }
  }

  /** A torrent has fallen asleep; it stays announced. */
  void asleep(Torrent torrent) {
    Listed known = all.get(torrent.metainfo().infoHash());
    if (known != null && known.awake == torrent) {
      // Not counted once more: its store may be closed by now.
      known.awake = null;
      known.uploadedBefore = known.uploaded;
      known.downloadedBefore = known.downloaded;
      // The peers that were named are forgotten, so it asks again when it wakes.
      known.entries.forEach(entry -> entry.askedForPeers = false);
    }
  }

  /**
   * A torrent misses pieces. Called often; asks once for peers, and again as soon as the tracker's
   * least interval allows while none is connected.
   */
  void wanted(Torrent torrent) {
    Listed known = all.get(torrent.metainfo().infoHash());
    if (known == null) {
      return;
    }
    known.awake = torrent;
    long now = nanoTime.getAsLong();
    for (Entry entry : known.entries) {
      if (!entry.queued
          && !entry.inFlight
          && !entry.refused
          && (!entry.askedForPeers || (now - entry.earliest >= 0 && !torrent.hasPeers()))) {
        enqueue(entry, true);
      }
    }
  }

  /** A torrent is known no more; trackers that know it are told. */
  void remove(InfoHash infoHash) {
    Listed torrent = all.remove(infoHash);
    if (torrent == null) {
      return;
    }
    if (torrent.awake != null) {
      count(torrent, torrent.awake);
      torrent.awake = null;
    }
    torrent.gone = true;
    for (Entry entry : torrent.entries) {
      stop(entry);
    }
  }

  private void stop(Entry entry) {
    if (entry.timer != null) {
      entry.timer.run();
      entry.timer = null;
    }
    Server server = entry.server;
    if (entry.refused) {
      forget(entry);
    }
    if (entry.queued) {
      server.due.remove(entry);
      entry.queued = false;
    }
    if (entry.started && !entry.inFlight && server.failures == 0) {
      entry.queued = true;
      server.due.addFirst(entry);
      pump(server);
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
    for (InfoHash infoHash : List.copyOf(all.keySet())) {
      remove(infoHash);
    }
    for (Server server : servers) {
      if (server.retry != null) {
        server.retry.run();
        server.retry = null;
      }
    }
    completeIfIdle();
    return done;
  }

  private void completeIfIdle() {
    if (closed != null
        && servers.stream().allMatch(server -> server.due.isEmpty() && server.inFlight == 0)) {
      closed.complete(null);
    }
  }

  /** Makes an announce due; one that a reader waits for goes first. */
  private void enqueue(Entry entry, boolean first) {
    if (entry.queued || entry.inFlight || entry.torrent.gone) {
      return;
    }
    if (entry.timer != null) {
      entry.timer.run();
      entry.timer = null;
    }
    entry.queued = true;
    if (first) {
      entry.server.due.addFirst(entry);
    } else {
      entry.server.due.addLast(entry);
    }
    pump(entry.server);
  }

  private void pump(Server server) {
    int most = server.failures == 0 ? IN_FLIGHT : 1;
    while (server.retry == null && server.inFlight < most && !server.due.isEmpty()) {
      send(server.due.remove());
    }
  }

  private void send(Entry entry) {
    Server server = entry.server;
    entry.queued = false;
    entry.inFlight = true;
    server.inFlight++;
    Announce announce = announce(entry);
    CompletionStage<Announced> answer;
    try {
      answer = server.tracker.announce(announce);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedStage(e);
    }
    CompletableFuture<Announced> unused =
        answer
            .toCompletableFuture()
            .copy()
            .orTimeout(ANSWER_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
            .whenComplete(
                (announced, failure) ->
                    loop.execute(() -> answered(entry, announce, announced, failure)));
  }

  private Announce announce(Entry entry) {
    Listed known = entry.torrent;
    Torrent awake = known.awake;
    long left = 0;
    if (awake != null) {
      left = count(known, awake);
    }
    boolean wants = awake != null && left > 0;
    entry.askedForPeers = wants;
    Announce.Event event =
        known.gone
            ? Announce.Event.STOPPED
            : entry.started ? Announce.Event.NONE : Announce.Event.STARTED;
    return new Announce(
        known.infoHash,
        self.id(),
        self.host(),
        self.port(),
        key,
        known.uploaded,
        known.downloaded,
        left,
        wants ? WANT : 0,
        event);
  }

  /** Notes what a torrent has exchanged, and returns the bytes it misses. */
  private static long count(Listed known, Torrent awake) {
    SwarmStatus status = awake.status();
    known.uploaded = known.uploadedBefore + status.uploaded();
    known.downloaded = known.downloadedBefore + status.downloaded();
    PieceLayout layout = awake.metainfo().layout();
    long missing = (long) (layout.pieceCount() - status.verified()) * layout.pieceLength();
    return Math.min(missing, layout.length());
  }

  private void answered(
      Entry entry, Announce announce, @Nullable Announced announced, @Nullable Throwable failure) {
    Server server = entry.server;
    server.inFlight--;
    entry.inFlight = false;
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (announced == null && !(cause instanceof TrackerRefusedException)) {
      failed(entry, cause);
    } else {
      recovered(server);
      if (announced == null) {
        refused(entry, cause);
      } else if (announce.event() != Announce.Event.STOPPED) {
        accepted(entry, announced);
      }
    }
    pump(server);
    completeIfIdle();
  }

  private void accepted(Entry entry, Announced announced) {
    entry.started = true;
    if (entry.refused && forget(entry)) {
      LOG.info("Tracker {} refuses no torrent any more", entry.server.tracker);
    }
    entry.pauseMillis = 0;
    if (entry.torrent.gone) {
      stop(entry);
      return;
    }
    Duration least = bounded(announced.minInterval(), DEFAULT_MIN_INTERVAL);
    Duration interval = bounded(announced.interval(), DEFAULT_INTERVAL);
    if (interval.compareTo(least) < 0) {
      interval = least;
    }
    entry.earliest = nanoTime.getAsLong() + least.toNanos();
    later(entry, interval.toMillis());
    Torrent awake = entry.torrent.awake;
    if (awake != null && !announced.peers().isEmpty()) {
      found.accept(awake, announced.peers());
    }
  }

  /** Counts a refused torrent no more; whether it was the last one. */
  private static boolean forget(Entry entry) {
    entry.refused = false;
    return --entry.server.refused == 0;
  }

  private static Duration bounded(Duration told, Duration otherwise) {
    Duration duration = told.isZero() ? otherwise : told;
    if (duration.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
  }

  /** It is the torrent that isn't wanted: the tracker works, and the others go on. */
  private void refused(Entry entry, @Nullable Throwable cause) {
    if (entry.torrent.gone) {
      return;
    }
    Server server = entry.server;
    String reason = cause == null ? "" : cause.getMessage();
    if (!entry.refused && server.refused++ == 0) {
      LOG.warn(
          "Tracker {} refuses torrents, {} first: {}",
          server.tracker,
          entry.torrent.infoHash,
          reason);
    } else {
      LOG.debug("Tracker {} refuses {}: {}", server.tracker, entry.torrent.infoHash, reason);
    }
    entry.refused = true;
    later(entry, longer(entry));
  }

  private static long longer(Entry entry) {
    entry.pauseMillis =
        entry.pauseMillis == 0
            ? DEFAULT_MIN_INTERVAL.toMillis()
            : Math.min(LONGEST.toMillis(), 2 * entry.pauseMillis);
    return entry.pauseMillis;
  }

  private void failed(Entry entry, @Nullable Throwable cause) {
    Server server = entry.server;
    entry.askedForPeers = false;
    if (server.retry == null) {
      // Announces that were on their way together fail together, and count once.
      server.failures++;
    }
    if (server.failures == 1 && server.retry == null) {
      LOG.warn(
          "Tracker {} fails: {}; it is asked again, after growing pauses",
          server.tracker,
          cause == null ? "no reason" : cause.toString());
    } else {
      LOG.debug("Tracker {} fails", server.tracker, cause);
    }
    if (closing) {
      server.due.clear();
      return;
    }
    if (server.retry == null) {
      int doublings = Math.min(server.failures - 1, 10);
      long millis = Math.min(LONGEST.toMillis(), SHORTEST.toMillis() << doublings);
      server.retry =
          timers.schedule(
              jittered(millis),
              () -> {
                server.retry = null;
                pump(server);
              });
    }
    enqueue(entry, false);
  }

  private void recovered(Server server) {
    if (server.failures > 0) {
      LOG.info("Tracker {} answers again, after {} failures", server.tracker, server.failures);
      server.failures = 0;
      if (server.retry != null) {
        server.retry.run();
        server.retry = null;
      }
    }
  }

  private void later(Entry entry, long millis) {
    entry.timer =
        timers.schedule(
            jittered(millis),
            () -> {
              entry.timer = null;
              enqueue(entry, false);
            });
  }

  /** At least as long, so that no tracker is asked too soon; at most a tenth longer. */
  private static long jittered(long millis) {
    return millis + ThreadLocalRandom.current().nextLong(millis / 10 + 1);
  }
}
