package io.swarmgate.filter.admin;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fetches files before anybody asks for them, by reading them as a client would and keeping nothing
 * but the count. A few at a time, the most urgent first; those that wait hold nothing. Thread-safe.
 */
final class Preheats {
  private static final int AT_A_TIME = 2;

  /** Those that wait or run, and the latest that have ended. */
  private static final int KEPT = 100;

  private static final int MOST_WAITING = 1_000;

  private final Backend backend;
  private final Map<Integer, Preheat> all = new LinkedHashMap<>();
  private int last;
  private boolean closed;

  /** Whether somebody is at it: who ends one while the next is begun, perhaps by that, leaves. */
  private boolean beginning;

  /** How far one has come. Names stand in docs/openapi.json. */
  record View(
      int id,
      String site,
      String path,
      int priority,
      String state,
      long done,
      long length,
      @Nullable String reason) {}

  /** The part that is wanted, as positions; the end may lie beyond the file's. */
  record Wanted(long start, long end) {
    static final Wanted ALL = new Wanted(0, Long.MAX_VALUE);
  }

  private enum State {
    WAITING,
    RUNNING,
    DONE,
    FAILED;

    boolean isOver() {
      return this == DONE || this == FAILED;
    }
  }

  Preheats(Backend backend) {
    this.backend = backend;
  }

  /**
   * Begins one, as soon as its turn comes.
   *
   * @param priority the higher, the sooner
   * @return how it stands; empty if too many wait
   */
  Optional<View> add(String site, RequestView request, Wanted wanted, int priority) {
    Preheat added;
    synchronized (this) {
      long waiting = all.values().stream().filter(one -> one.state == State.WAITING).count();
      if (closed || waiting >= MOST_WAITING) {
        return Optional.empty();
      }
      added = new Preheat(++last, site, request, wanted, priority);
      all.put(added.id, added);
      forgetOld();
    }
    runNext();
    return Optional.of(added.view());
  }

  private void forgetOld() {
    List<Integer> ended = new ArrayList<>();
    all.forEach(
        (id, one) -> {
          if (one.state.isOver()) {
            ended.add(id);
          }
        });
    for (int i = 0; i < ended.size() && all.size() > KEPT; i++) {
      all.remove(ended.get(i));
    }
  }

  /** All that are remembered, the latest first. */
  synchronized List<View> views() {
    List<View> views = new ArrayList<>();
    all.values().forEach(one -> views.add(0, one.view()));
    return views;
  }

  synchronized Optional<View> view(int id) {
    return Optional.ofNullable(all.get(id)).map(Preheat::view);
  }

  /** Begins those whose turn it is, one after the other, however many end as they begin. */
  private void runNext() {
    synchronized (this) {
      if (beginning) {
        return;
      }
      beginning = true;
    }
    for (Preheat next = takeNext(); next != null; next = takeNext()) {
      next.begin();
    }
  }

  private synchronized @Nullable Preheat takeNext() {
    long running = all.values().stream().filter(one -> one.state == State.RUNNING).count();
    Preheat next =
        closed || running >= AT_A_TIME
            ? null
            : all.values().stream()
                .filter(one -> one.state == State.WAITING)
                .min(
                    Comparator.<Preheat>comparingInt(one -> -one.priority).thenComparing(o -> o.id))
                .orElse(null);
    if (next == null) {
      beginning = false;
    } else {
      next.state = State.RUNNING;
    }
    return next;
  }

  /** Gives up all of them. */
  void close() {
    List<Preheat> running;
    synchronized (this) {
      closed = true;
      running = List.copyOf(all.values());
    }
    running.forEach(one -> one.end(State.FAILED, "the node stops"));
  }

  /** One of them. Read by one thread at a time: who opened it, then whoever runs its waiter. */
  private final class Preheat {
    private static final int SLICE = 1 << 20;

    private final int id;
    private final String site;
    private final RequestView request;
    private final Wanted wanted;
    private final int priority;
    private volatile State state = State.WAITING;
    private volatile long done;
    private volatile long length;
    private volatile @Nullable String reason;
    private volatile @Nullable ContentReader reader;
    private long position;
    private long end;

    Preheat(int id, String site, RequestView request, Wanted wanted, int priority) {
      this.id = id;
      this.site = site;
      this.request = request;
      this.wanted = wanted;
      this.priority = priority;
    }

    View view() {
      return new View(
          id,
          site,
          request.rawPath(),
          priority,
          state.name().toLowerCase(Locale.ROOT),
          done,
          length,
          reason);
    }

    void begin() {
      try {
        backend.open(request).whenComplete(this::tryOpened);
      } catch (RuntimeException | Error e) {
        end(State.FAILED, e.toString());
      }
    }

    private void tryOpened(@Nullable Outcome outcome, @Nullable Throwable failure) {
      try {
        opened(outcome, failure);
      } catch (RuntimeException | Error e) {
        end(State.FAILED, e.toString());
      }
    }

    private void opened(@Nullable Outcome outcome, @Nullable Throwable e) {
      if (outcome instanceof Outcome.Serve serve) {
        try (Representation representation = serve.representation()) {
          end = Math.min(wanted.end(), representation.length());
          position = Math.min(wanted.start(), end);
          length = end - position;
          if (length == 0) {
            end(State.FAILED, "expected a range within " + representation.length() + " bytes");
            return;
          }
          ContentReader opened = representation.reader();
          reader = opened;
          opened.expect(new ByteSpan(position, end));
          read(opened);
        }
      } else if (outcome instanceof Outcome.PassThrough relayed) {
        relayed.body().close();
        end(State.FAILED, "the origin's answer, " + relayed.status() + ", is only relayed as yet");
      } else if (outcome instanceof Outcome.Fail fail) {
        end(State.FAILED, fail.reason());
      } else {
        end(State.FAILED, e == null ? "no source has it" : e.toString());
      }
    }

    private void read(ContentReader from) {
      try {
        while (position < end && state == State.RUNNING) {
          Slice slice = from.poll(position, (int) Math.min(SLICE, end - position));
          if (slice == null) {
            from.onReady(() -> read(from));
            return;
          }
          try (slice) {
            position += slice.buffer().remaining();
          }
          done = length - (end - position);
        }
        end(State.DONE, null);
      } catch (IOException | RuntimeException e) {
        end(State.FAILED, String.valueOf(e.getMessage()));
      }
    }

    /** Ends it, unless it has ended: then only what was opened meanwhile is closed. */
    private void end(State how, @Nullable String why) {
      synchronized (Preheats.this) {
        if (!state.isOver()) {
          reason = why;
          state = how;
        }
      }
      ContentReader open = reader;
      if (open != null) {
        open.close();
      }
      runNext();
    }
  }
}
