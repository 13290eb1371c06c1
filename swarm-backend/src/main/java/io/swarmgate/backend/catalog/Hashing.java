package io.swarmgate.backend.catalog;

import io.swarmgate.backend.metainfo.HashedFile;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.site.UrlPath;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Phaser;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes a site's files, the most wanted first, as many at a time as the crew has threads. Used by
 * the publications' owner but for the jobs, which look at nothing that the owner changes.
 */
final class Hashing {
  private static final Logger LOG = LoggerFactory.getLogger(Hashing.class);
  private static final long END_SECONDS = 5;

  /** What the jobs and the queue need of the publications. */
  interface Owner {
    /** The entry under a path, if there is one. Any thread. */
    Optional<PublishedEntry> find(UrlPath path);

    /** Whether an entry is what is published, and still to be hashed. Any thread. */
    boolean isWanted(PublishedEntry entry);

    /** Runs something on the owner's thread, unless this is closed. */
    void tell(Runnable event);

    /** A job has ended, well or not; on the owner's thread. */
    void hashed(PublishedEntry entry, Optional<Metainfo> metainfo);
  }

  private final Owner owner;
  private final PublisherSetup setup;
  private final HashCrew crew;
  private final MetainfoCache cache;
  private final HashQueue queue = new HashQueue();
  private final Phaser running = new Phaser(1);
  private int jobs;
  private volatile boolean closed;

  Hashing(Owner owner, PublisherSetup setup, HashCrew crew, MetainfoCache cache) {
    this.owner = owner;
    this.setup = setup;
    this.crew = crew;
    this.cache = cache;
  }

  void add(PublishedEntry entry) {
    queue.add(entry.path());
    next();
  }

  /** Lets a file be hashed before those that are asked for less. */
  void raise(UrlPath path) {
    queue.raise(path);
    next();
  }

  void remove(UrlPath path) {
    queue.remove(path);
  }

  /** Files that wait because they may still be growing, or for their turn. */
  List<UrlPath> waiting() {
    return queue.all();
  }

  /** Whether a thread is free, but every file that waits may still be growing. */
  boolean awaitsQuiet() {
    return jobs < crew.size() && !queue.isEmpty();
  }

  /** Starts on files that have stopped growing, as long as threads are free. */
  void next() {
    while (jobs < crew.size() && !closed) {
      Optional<PublishedEntry> next = queue.next(this::isSettled).flatMap(owner::find);
      if (next.isEmpty()) {
        return;
      }
      try {
        crew.execute(() -> hash(next.get()));
        jobs++;
        running.register();
      } catch (RejectedExecutionException e) {
        LOG.debug("The node is closed");
        return;
      }
    }
  }

  private boolean isSettled(UrlPath path) {
    return owner
        .find(path)
        .filter(
            entry ->
                setup
                    .settling()
                    .isSettled(entry.guard(), entry.firstSeen(), setup.clock().instant()))
        .isPresent();
  }

  private void hash(PublishedEntry entry) {
    Optional<Metainfo> metainfo = Optional.empty();
    try {
      HashedFile hashed =
          new HashJob(entry, () -> !closed && owner.isWanted(entry), cache).run(setup.hasher());
      // What was hashed must be what was seen; if not, the next look finds it new.
      metainfo =
          hashed.guard().equals(entry.guard())
              ? Optional.of(setup.encode(entry.path(), hashed))
              : Optional.empty();
    } catch (IOException | RuntimeException e) {
      if (!(e instanceof CancellationException)) {
        LOG.warn("Could not hash {}: {}", entry.path(), e.toString());
      }
    } finally {
      Optional<Metainfo> made = metainfo;
      owner.tell(() -> ended(entry, made));
      running.arriveAndDeregister();
    }
  }

  private void ended(PublishedEntry entry, Optional<Metainfo> metainfo) {
    jobs--;
    owner.hashed(entry, metainfo);
    next();
  }

  /** Gives up what is being hashed, and waits for that for a while. Any thread. Idempotent. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      int phase = running.arriveAndDeregister();
      running.awaitAdvanceInterruptibly(phase, END_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.warn("A file is still being hashed");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
