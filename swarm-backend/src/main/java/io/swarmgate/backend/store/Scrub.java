package io.swarmgate.backend.store;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.Metainfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run through a store that hashes every verified piece again, to find what the disk has damaged
 * meanwhile. Runs on a thread of its own that rests as long as it works, so that it takes at most
 * half of a disk's time. Thread-safe.
 */
public final class Scrub {
  private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);

  /** Loads a torrent's metainfo. */
  @FunctionalInterface
  interface Metainfos {
    Metainfo load(InfoHash infoHash) throws IOException;
  }

  private final Map<InfoHash, TorrentExtents> torrents;
  private final Metainfos metainfos;
  private final long total;
  private final AtomicLong checked = new AtomicLong();
  private final AtomicLong damaged = new AtomicLong();
  private final CompletableFuture<Progress> done = new CompletableFuture<>();
  private final Thread thread = new Thread(this::run, "swarmgate-scrub");
  private volatile boolean stopped;

  /**
   * How far a run has come.
   *
   * @param checked pieces looked at, those that were evicted meanwhile included
   * @param damaged those among them that were found damaged, and are absent now
   * @param total pieces that were verified when it began
   */
  public record Progress(long checked, long damaged, long total) {}

  private Scrub(Map<InfoHash, TorrentExtents> torrents, Metainfos metainfos) {
    this.torrents = torrents;
    this.metainfos = metainfos;
    this.total =
        torrents.values().stream().mapToLong(t -> t.state().verified().cardinality()).sum();
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
  }

  static Scrub start(Map<InfoHash, TorrentExtents> torrents, Metainfos metainfos) {
    Scrub scrub = new Scrub(torrents, metainfos);
    scrub.thread.start();
    return scrub;
  }

  public Progress progress() {
    return new Progress(checked.get(), damaged.get(), total);
  }

  /** Completes when it has ended, stopped or not. */
  public CompletableFuture<Progress> done() {
    return done.copy();
  }

  /** Ends it after the piece it is at. */
  public void stop() {
    stopped = true;
  }

  private void run() {
    try {
      for (InfoHash infoHash : List.copyOf(torrents.keySet())) {
        TorrentExtents torrent = torrents.get(infoHash);
        if (torrent != null && !stopped) {
          scrub(infoHash, torrent);
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("A scrub ended early", e);
    } finally {
      Progress end = progress();
      LOG.info("Scrubbed {} of {} pieces: {} damaged", end.checked(), total, end.damaged());
      done.complete(end);
    }
  }

  private void scrub(InfoHash infoHash, TorrentExtents torrent) {
    int[] pieces = torrent.state().verified().stream().toArray();
    try {
      Metainfo metainfo = pieces.length == 0 ? null : metainfos.load(infoHash);
      for (int i = 0; metainfo != null && i < pieces.length && !stopped; i++) {
        long began = System.nanoTime();
        if (!torrent.scrub(pieces[i], metainfo)) {
          damaged.incrementAndGet();
        }
        checked.incrementAndGet();
        rest(System.nanoTime() - began);
      }
    } catch (IOException e) {
      LOG.warn("Torrent {} could not be scrubbed: {}", infoHash, e.toString());
    }
  }

  private void rest(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      // Nobody does; should somebody, then to end it.
      stopped = true;
    }
  }
}
