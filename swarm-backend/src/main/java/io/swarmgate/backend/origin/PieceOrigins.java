package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.UrlPath;
import java.time.Clock;
import java.util.concurrent.atomic.LongAdder;

/** A site's origins as they stand in for the swarms of its catalogue. Thread-safe. */
public final class PieceOrigins {
  private final SiteConfig site;
  private final OriginClient client;
  private final Clock clock;
  private final LongAdder fetched = new LongAdder();

  PieceOrigins(SiteConfig site, OriginClient client, Clock clock) {
    this.site = site;
    this.client = client;
    this.clock = clock;
  }

  /**
   * Where one torrent's pieces can be had.
   *
   * @param url of the torrent's file, or of the directory its files lie in; the catalogue's own
   */
  public PieceOrigin of(UrlPath url, int pieceLength, Torrents.Use use) {
    return new PieceOrigin(
        site.maxStall(), client, clock, url, new PieceBudget(pieceLength), use, fetched::add);
  }

  /** Bytes fetched so far. */
  public long fetched() {
    return fetched.sum();
  }
}
