package io.swarmgate.backend.catalog;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories of a document root that the file system tells of, each watched for itself. What
 * can't be watched, because the system has only so many watches or none at all, is logged once, and
 * has to be looked through now and then. Used by one thread, but for the events.
 */
final class WatchedDirectories implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedDirectories.class);

  /** The file system's own watching, but for tests. */
  interface Watching extends AutoCloseable {
    /** Watches a directory; see {@link Path#register}. */
    WatchKey register(Path directory) throws IOException;

    /** Waits for what is told next; see {@link WatchService#take}. */
    WatchKey take() throws InterruptedException;

    @Override
    void close() throws IOException;

    /** Makes one for a directory's file system. */
    @FunctionalInterface
    interface Opener {
      /**
       * Opens it.
       *
       * @throws IOException if the system has no more of them
       * @throws UnsupportedOperationException if the file system tells nothing
       */
      Watching open(Path root) throws IOException;
    }
  }

  private final String site;
  private final Consumer<Path> changed;
  private final Runnable lost;
  private final @Nullable Watching watching;
  private final Map<Path, WatchKey> keys = new HashMap<>();
  private boolean failed;
  private boolean logged;

  /**
   * Watches nothing yet.
   *
   * @param site named in log lines
   * @param changed told a path that appeared, changed or went, on a thread of its own
   * @param lost told, on that thread, that some changes were not told
   */
  WatchedDirectories(
      String site, Path root, Watching.Opener opener, Consumer<Path> changed, Runnable lost) {
    this.site = site;
    this.changed = changed;
    this.lost = lost;
    Watching opened = null;
    try {
      opened = opener.open(root);
    } catch (IOException | UnsupportedOperationException e) {
      failed(e);
    }
    this.watching = opened;
  }

  /** Waits for events and tells of them, until this is closed. */
  void run() {
    if (watching == null) {
      return;
    }
    try {
      while (true) {
        tell(watching.take());
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      LOG.debug("Site {}: no longer watched", site);
    }
  }

  private void tell(WatchKey key) {
    Path directory = (Path) key.watchable();
    for (WatchEvent<?> event : key.pollEvents()) {
      if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
        lost.run();
      } else if (event.context() instanceof Path name) {
        changed.accept(directory.resolve(name));
      }
    }
    // A directory that is gone is told by its parent.
    boolean unused = key.reset();
  }

  /** Begins a look through all directories, each of which {@link #watch} is told. */
  void begin() {
    failed = watching == null;
    keys.values().removeIf(key -> !key.isValid());
  }

  /** Watches a directory from here on. */
  void watch(Path directory) {
    if (watching == null) {
      return;
    }
    try {
      WatchKey key = watching.register(directory);
      if (!directory.equals(key.watchable())) {
        // The system knows it by the name that it had before, and would tell that.
        key.cancel();
        key = watching.register(directory);
      }
      keys.put(directory, key);
    } catch (IOException e) {
      if (Files.isDirectory(directory)) {
        failed(e);
      }
    } catch (ClosedWatchServiceException e) {
      LOG.debug("Site {}: no longer watched", site);
    }
  }

  private void failed(Exception cause) {
    failed = true;
    if (!logged) {
      logged = true;
      LOG.warn(
          "Site {}: its content is looked through more often, since it can't be watched: {}",
          site,
          cause.toString());
    }
  }

  /**
   * Stops watching a directory, and all in it.
   *
   * @return whether it was watched
   */
  boolean forget(Path directory) {
    if (!keys.containsKey(directory)) {
      return false;
    }
    Iterator<Map.Entry<Path, WatchKey>> all = keys.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Path, WatchKey> entry = all.next();
      if (entry.getKey().startsWith(directory)) {
        entry.getValue().cancel();
        all.remove();
      }
    }
    return true;
  }

  /** Whether every directory of the last look is watched. */
  boolean isComplete() {
    return !failed;
  }

  @Override
  public void close() {
    if (watching != null) {
      try {
        watching.close();
      } catch (IOException e) {
        LOG.debug("Site {}: {}", site, e.toString());
      }
    }
  }

  /** The Java runtime's. */
  static Watching open(Path root) throws IOException {
    WatchService service = root.getFileSystem().newWatchService();
    return new Watching() {
      @Override
      public WatchKey register(Path directory) throws IOException {
        return directory.register(
            service,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
      }

      @Override
      public WatchKey take() throws InterruptedException {
        return service.take();
      }

      @Override
      public void close() throws IOException {
        service.close();
      }
    };
  }
}
