package io.swarmgate.backend.swarm;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tracker, and the announces that are due at it. One that fails is tried with one announce at a
 * time, after growing pauses; the others wait for it. Owned by the loop.
 */
final class TrackerQueue {
  private static final Logger LOG = LoggerFactory.getLogger(TrackerQueue.class);

  /** No tracker client takes longer, unless it is broken. */
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(2);

  private static final int WANT = 50;
  private static final int IN_FLIGHT = 4;

  /**
   * What all trackers' queues share.
   *
   * @param key tells trackers that we are the same though our address has changed
   * @param found given what a tracker named for a torrent
   * @param answered called after each answer or failure
   */
  record Context(
      Executor loop,
      Announcer.Timers timers,
      Announcer.Self self,
      int key,
      BiConsumer<Torrent, List<InetSocketAddress>> found,
      LongSupplier nanoTime,
      Runnable answered) {}

  private final Tracker tracker;
  private final Context context;

  /** Announces that are due; those that say "stopped" go first. */
  private final Deque<Listing> due = new ArrayDeque<>();

  private int inFlight;
  private int failures;
  private int refused;
  private boolean closing;

  /** Calls off the next try; null if there is none. */
  private @Nullable Runnable retry;

  TrackerQueue(Tracker tracker, Context context) {
    this.tracker = tracker;
    this.context = context;
  }

  /** Makes an announce due; one that a reader waits for goes first. */
  void enqueue(Listing listing, boolean first) {
    if (listing.queued || listing.inFlight || listing.torrent.isGone()) {
      return;
    }
    listing.callOff();
    listing.queued = true;
    if (first) {
      due.addFirst(listing);
    } else {
      due.addLast(listing);
    }
    pump();
  }

  /** A torrent is known no more, which the tracker is told if it knows of it and works. */
  void stop(Listing listing) {
    listing.callOff();
    if (listing.refused) {
      forgetRefusal(listing);
    }
    if (listing.queued) {
      due.remove(listing);
      listing.queued = false;
    }
    if (listing.started && !listing.inFlight && failures == 0) {
      listing.queued = true;
      due.addFirst(listing);
      pump();
    }
  }

  /** From now on what fails isn't tried again. */
  void closing() {
    closing = true;
  }

  void callOffRetry() {
    if (retry != null) {
      retry.run();
      retry = null;
    }
  }

  boolean isIdle() {
    return due.isEmpty() && inFlight == 0;
  }

  private void pump() {
    int most = failures == 0 ? IN_FLIGHT : 1;
    while (retry == null && inFlight < most && !due.isEmpty()) {
      send(due.remove());
    }
  }

  private void send(Listing listing) {
    listing.queued = false;
    listing.inFlight = true;
    inFlight++;
    Announce announce = announce(listing);
    CompletionStage<Announced> answer;
    try {
      answer = tracker.announce(announce);
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
                    context.loop().execute(() -> answered(listing, announce, announced, failure)));
  }

  private Announce announce(Listing listing) {
    AnnouncedTorrent torrent = listing.torrent;
    long left = torrent.count();
    boolean wants = left > 0;
    listing.askedForPeers = wants;
    Announce.Event event =
        torrent.isGone()
            ? Announce.Event.STOPPED
            : listing.started ? Announce.Event.NONE : Announce.Event.STARTED;
    return new Announce(
        torrent.infoHash(),
        context.self().id(),
        context.self().host(),
        context.self().port(),
        context.key(),
        torrent.uploaded(),
        torrent.downloaded(),
        left,
        wants ? WANT : 0,
        event);
  }

  private void answered(
      Listing listing,
      Announce announce,
      @Nullable Announced announced,
      @Nullable Throwable failure) {
    inFlight--;
    listing.inFlight = false;
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (announced == null && !(cause instanceof TrackerRefusedException)) {
      failed(listing, cause);
    } else {
      recovered();
      if (announced == null) {
        refused(listing, cause);
      } else if (announce.event() != Announce.Event.STOPPED) {
        accepted(listing, announced);
      }
    }
    pump();
    context.answered().run();
  }

  private void accepted(Listing listing, Announced announced) {
    listing.started = true;
    if (listing.refused && forgetRefusal(listing)) {
      LOG.info("Tracker {} refuses no torrent any more", tracker);
    }
    listing.pauseMillis = 0;
    if (listing.torrent.isGone()) {
      stop(listing);
      return;
    }
    listing.earliest = context.nanoTime().getAsLong() + AnnouncePauses.least(announced).toNanos();
    listing.announceLater(AnnouncePauses.usual(announced).toMillis(), context.timers());
    Torrent awake = listing.torrent.awake();
    if (awake != null && !announced.peers().isEmpty()) {
      context.found().accept(awake, announced.peers());
    }
  }

  /** Counts a refused torrent no more; whether it was the last one. */
  private boolean forgetRefusal(Listing listing) {
    listing.refused = false;
    return --refused == 0;
  }

  /** It is the torrent that isn't wanted: the tracker works, and the others go on. */
  private void refused(Listing listing, @Nullable Throwable cause) {
    if (listing.torrent.isGone()) {
      return;
    }
    String reason = cause == null ? "" : cause.getMessage();
    if (!listing.refused && refused++ == 0) {
      LOG.warn(
          "Tracker {} refuses torrents, {} first: {}", tracker, listing.torrent.infoHash(), reason);
    } else {
      LOG.debug("Tracker {} refuses {}: {}", tracker, listing.torrent.infoHash(), reason);
    }
    listing.refused = true;
    listing.pauseMillis = AnnouncePauses.afterRefusal(listing.pauseMillis);
    listing.announceLater(listing.pauseMillis, context.timers());
  }

  private void failed(Listing listing, @Nullable Throwable cause) {
    listing.askedForPeers = false;
    if (retry == null) {
      // Announces that were on their way together fail together, and count once.
      failures++;
    }
    if (failures == 1 && retry == null) {
      LOG.warn(
          "Tracker {} fails: {}; it is asked again, after growing pauses",
          tracker,
          cause == null ? "no reason" : cause.toString());
    } else {
      LOG.debug("Tracker {} fails", tracker, cause);
    }
    if (closing) {
      due.clear();
      return;
    }
    if (retry == null) {
      retry =
          context
              .timers()
              .schedule(
                  AnnouncePauses.jittered(AnnouncePauses.afterFailures(failures)),
                  () -> {
                    retry = null;
                    pump();
                  });
    }
    enqueue(listing, false);
  }

  private void recovered() {
    if (failures > 0) {
      LOG.info("Tracker {} answers again, after {} failures", tracker, failures);
      failures = 0;
      callOffRetry();
    }
  }
}
