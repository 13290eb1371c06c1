package io.swarmgate.backend.site;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.swarm.Swarm;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reader whose torrent is woken on a pool when the reader is made, since that may read the disk.
 * Answers that need no bytes make none, and so wake nothing.
 */
public final class WakingReader implements ContentReader {
  private static final Logger LOG = LoggerFactory.getLogger(WakingReader.class);

  private final CompletableFuture<ContentReader> opening;
  private final Executor pool;
  private volatile boolean closed;

  /** Of the reading thread: what was expected before the reader was there to be told. */
  private @Nullable ByteSpan expected;

  /** Of the reading thread: whether the last poll reached the reader. */
  private boolean polled;

  /**
   * Begins to wake.
   *
   * @param opener wakes the torrent and opens a reader; runs on the pool
   */
  public WakingReader(Supplier<ContentReader> opener, Executor pool) {
    this.pool = pool;
    this.opening = CompletableFuture.supplyAsync(opener, pool);
  }

  /**
   * A reader of a torrent: at once if the torrent is awake, else one that wakes it.
   *
   * @param opener joins the torrent and opens the reader; on the calling thread or the pool
   */
  public static ContentReader of(
      Torrents.Use use, Function<Supplier<Swarm>, ContentReader> opener, Executor pool) {
    Swarm awake = use.joinAwake();
    if (awake != null) {
      try {
        return opener.apply(() -> awake);
      } catch (IllegalStateException e) {
        LOG.debug("Torrent {} was removed just now", use.infoHash(), e);
      }
    }
    return new WakingReader(() -> opener.apply(use::join), pool);
  }

  @Override
  public void expect(ByteSpan span) {
    expected = span;
  }

  @Override
  public @Nullable Slice poll(long position, int max) throws IOException {
    if (closed) {
      throw new IOException("the reader is closed");
    }
    polled = opening.isDone();
    return polled ? opened().poll(position, max) : null;
  }

  private ContentReader opened() throws IOException {
    ContentReader reader;
    try {
      reader = opening.join();
    } catch (CompletionException e) {
      throw new IOException("its torrent could not be woken: " + e.getCause(), e.getCause());
    }
    ByteSpan span = expected;
    if (span != null) {
      expected = null;
      reader.expect(span);
    }
    return reader;
  }

  @Override
  public void onReady(Runnable waiter) {
    if (polled) {
      opening.join().onReady(waiter);
      return;
    }
    var unused =
        opening.whenCompleteAsync(
            (reader, failure) -> {
              if (!closed) {
                waiter.run();
              }
            },
            pool);
  }

  @Override
  public void close() {
    closed = true;
    var unused =
        opening.thenAccept(
            reader -> {
              reader.close();
            });
  }
}
