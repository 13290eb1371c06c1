package io.swarmgate.backend.observe;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest events of a node, in memory. An event like the latest of its kind, of the same subject
 * and within a minute, is counted with that one, so that a flood of them leaves room for others.
 * What operators do is told of each time that it isn't the same. Thread-safe.
 */
public final class EventLog implements Observer {
  private static final int MAX = 500;
  private static final Duration TOGETHER = Duration.ofMinutes(1);

  private final InstantSource clock;
  private final int max;
  private final Deque<Event> events = new ArrayDeque<>();
  private long last;

  public EventLog(InstantSource clock) {
    this(clock, MAX);
  }

  EventLog(InstantSource clock, int max) {
    this.clock = clock;
    this.max = max;
  }

  /** The events that are kept, the latest first. */
  public synchronized List<Event> latest() {
    List<Event> all = new ArrayList<>(events);
    Collections.reverse(all);
    return all;
  }

  /** Adds an event. */
  public synchronized void add(Event.Kind kind, String subject, String reason) {
    Instant now = clock.instant();
    last++;
    Event like = like(kind, subject, reason, now);
    if (like != null) {
      events.remove(like);
      events.addLast(like.again(last, now, reason));
      return;
    }
    events.addLast(new Event(last, now, now, 1, kind, subject, reason));
    if (events.size() > max) {
      events.removeFirst();
    }
  }

  private @Nullable Event like(Event.Kind kind, String subject, String reason, Instant now) {
    for (Event event : events) {
      if (event.kind() == kind
          && event.subject().equals(subject)
          && (kind != Event.Kind.ADMIN || event.reason().equals(reason))
          && now.isBefore(event.last().plus(TOGETHER))) {
        return event;
      }
    }
    return null;
  }

  @Override
  public void aborted(String site, String reason) {
    add(Event.Kind.ABORT, site, reason);
  }

  @Override
  public void fellBack(String torrent, int piece, Duration waited) {
    add(
        Event.Kind.FALLBACK,
        torrent,
        "no peer sent a block of piece "
            + piece
            + " for "
            + waited.toMillis()
            + " ms: the origin is asked for it");
  }

  @Override
  public void pieceFailed(String torrent, int piece, String senders) {
    add(Event.Kind.HASH, torrent, "piece " + piece + " failed its hash; it came from " + senders);
  }

  @Override
  public void banned(String peer, Duration time, String reason) {
    add(Event.Kind.BAN, peer, "banned for " + time.toMinutes() + " min: " + reason);
  }

  @Override
  public void evicted(String torrent, int pieces) {
    add(Event.Kind.EVICTION, torrent, pieces + " pieces deleted, the quota is used up");
  }

  @Override
  public void changed(String site, String path, String reason) {
    add(Event.Kind.GENERATION, path, reason);
  }

  @Override
  public void originFailed(String origin, String reason) {
    add(Event.Kind.ORIGIN, origin, reason);
  }
}
