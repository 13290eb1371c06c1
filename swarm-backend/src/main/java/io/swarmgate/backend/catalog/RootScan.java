package io.swarmgate.backend.catalog;

import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.system.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what is new, changed or gone below a document root: as the file system tells it, and by
 * looking through all of it now and then. A thread of its own looks; another waits for events.
 */
final class RootScan implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RootScan.class);

  /** Events of so long are taken together; a file that is written to is told again and again. */
  private static final long GATHER_MILLIS = 50;

  /** Most files the publications are told of at once, so that a request needn't wait for more. */
  private static final int BATCH = 64;

  private final String site;
  private final DocumentRoot root;
  private final Predicate<UrlPath> wanted;
  private final Publications publications;
  private final PublisherSetup setup;
  private final WatchedDirectories watched;
  private final ScheduledExecutorService thread;
  private final Thread events;

  /** Paths that the file system told of, and that were not looked at since. */
  private final Set<Path> told = ConcurrentHashMap.newKeySet();

  private final AtomicBoolean gathering = new AtomicBoolean();
  private final AtomicBoolean scanning = new AtomicBoolean();
  private volatile boolean closed;

  /**
   * Does nothing before {@link #start}.
   *
   * @param wanted which paths are published at all
   */
  RootScan(
      String site,
      DocumentRoot root,
      Predicate<UrlPath> wanted,
      Publications publications,
      PublisherSetup setup) {
    this.site = site;
    this.root = root;
    this.wanted = wanted;
    this.publications = publications;
    this.setup = setup;
    this.watched =
        new WatchedDirectories(site, root.path(), setup.watching(), this::told, this::scanSoon);
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Workers.threads("scan-" + site, Thread.NORM_PRIORITY));
    this.events = Workers.threads("watch-" + site, Thread.NORM_PRIORITY).newThread(watched::run);
  }

  /** Looks through the root now, and watches it from here on. */
  void start() {
    events.start();
    thread.execute(this::scanAndGoOn);
  }

  private void scanAndGoOn() {
    long began = System.nanoTime();
    scan();
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    later(setup.rescan().after(watched.isComplete(), took).toMillis(), this::scanAndGoOn);
  }

  /** Something was missed; many of these may come at once. */
  private void scanSoon() {
    if (scanning.compareAndSet(false, true)) {
      LOG.debug("Site {}: the file system lost count of changes", site);
      later(0, this::scan);
    }
  }

  /** Never throws, or there would be no further scan. */
  private void scan() {
    scanning.set(false);
    Set<UrlPath> seen = new HashSet<>();
    Batch batch = new Batch();
    try {
      watched.begin();
      visit(root.path(), seen, batch);
      // Each is looked at by itself, so that a directory that can't be read takes nothing away.
      for (PublishedEntry entry : publications.all()) {
        if (!closed && !seen.contains(entry.path())) {
          batch.add(entry.path());
        }
      }
      batch.end();
    } catch (IOException | RuntimeException e) {
      LOG.warn("Site {}: could not look through its content: {}", site, e.toString());
    }
  }

  private void visit(Path directory, Set<UrlPath> seen, Batch batch) throws IOException {
    root.walk(
        directory,
        visited -> {
          watched.watch(visited);
          return !closed;
        },
        wanted,
        (path, file) -> {
          seen.add(path);
          if (!publications.isCurrent(path, Optional.of(file))) {
            batch.add(path);
          }
        });
  }

  private void told(Path path) {
    told.add(path);
    if (gathering.compareAndSet(false, true)) {
      later(GATHER_MILLIS, this::lookAtTold);
    }
  }

  private void lookAtTold() {
    gathering.set(false);
    List<Path> paths = new ArrayList<>();
    told.removeIf(paths::add);
    Batch batch = new Batch();
    try {
      // All of them first: a renamed directory is told by both names, and watched by one.
      List<Path> directories = new ArrayList<>();
      for (Path path : paths) {
        if (watched.forget(path)) {
          publications.all().stream()
              .filter(entry -> root.isBelow(entry.path(), path))
              .forEach(entry -> batch.add(entry.path()));
        }
        if (Files.isDirectory(path)) {
          directories.add(path);
        }
      }
      for (Path directory : directories) {
        visit(directory, new HashSet<>(), batch);
      }
      for (Path path : paths) {
        root.urlPath(path).filter(wanted).ifPresent(batch::add);
      }
      batch.end();
    } catch (IOException | RuntimeException e) {
      LOG.warn("Site {}: could not look at what changed: {}", site, e.toString());
    }
  }

  private void later(long millis, Runnable task) {
    try {
      var unused = thread.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("Site {} is closed", site);
    }
  }

  @Override
  public void close() {
    closed = true;
    watched.close();
    thread.shutdownNow();
    Workers.end(thread);
  }

  /** Paths that the publications look at, some at a time. */
  private final class Batch {
    private final List<CompletableFuture<?>> looks = new ArrayList<>();

    void add(UrlPath path) {
      looks.add(publications.refresh(path).toCompletableFuture());
      if (looks.size() == BATCH) {
        end();
      }
    }

    void end() {
      try {
        for (CompletableFuture<?> look : looks) {
          look.join();
        }
      } catch (CompletionException e) {
        LOG.warn("Site {}: could not publish a file", site, e.getCause());
      } finally {
        looks.clear();
      }
    }
  }
}
