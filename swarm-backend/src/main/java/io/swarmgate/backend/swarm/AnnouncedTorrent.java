package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A torrent as trackers are told of it, awake or asleep. Owned by the loop. */
final class AnnouncedTorrent {
  private final InfoHash infoHash;
  private final List<Listing> listings = new ArrayList<>();
  private @Nullable Torrent awake;
  private boolean gone;
  private long uploaded;
  private long downloaded;

  /** What it had exchanged when it last fell asleep, for it counts from waking on. */
  private long uploadedBefore;

  private long downloadedBefore;

  AnnouncedTorrent(InfoHash infoHash) {
    this.infoHash = infoHash;
  }

  InfoHash infoHash() {
    return infoHash;
  }

  /** One for each tracker. */
  List<Listing> listings() {
    return listings;
  }

  /** Null while it sleeps. */
  @Nullable Torrent awake() {
    return awake;
  }

  void awake(Torrent torrent) {
    awake = torrent;
  }

  /** Does nothing unless it is this one that is awake. */
  void asleep(Torrent torrent) {
    if (awake == torrent) {
      // Not counted once more: its store may be closed by now.
      awake = null;
      uploadedBefore = uploaded;
      downloadedBefore = downloaded;
      // The peers that were named are forgotten, so it asks again when it wakes.
      listings.forEach(Listing::forgetPeers);
    }
  }

  /** It is known no more. */
  void remove() {
    count();
    awake = null;
    gone = true;
  }

  boolean isGone() {
    return gone;
  }

  /** Notes what it has exchanged, and returns the bytes it misses; 0 while it sleeps. */
  long count() {
    if (awake == null) {
      return 0;
    }
    SwarmStatus status = awake.status();
    uploaded = uploadedBefore + status.uploaded();
    downloaded = downloadedBefore + status.downloaded();
    PieceLayout layout = awake.metainfo().layout();
    long missing = (long) (layout.pieceCount() - status.verified()) * layout.pieceLength();
    return Math.min(missing, layout.length());
  }

  /** Bytes of blocks sent, when it was last counted. */
  long uploaded() {
    return uploaded;
  }

  /** Bytes of blocks received, when it was last counted. */
  long downloaded() {
    return downloaded;
  }
}
