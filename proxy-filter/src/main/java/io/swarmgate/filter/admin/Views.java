package io.swarmgate.filter.admin;

import io.swarmgate.backend.observe.Event;
import io.swarmgate.backend.observe.Saved;
import io.swarmgate.backend.status.StoreStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the JSON of the admin listener is made of. Its names are those of docs/openapi.json, and are
 * only added to.
 */
final class Views {
  private Views() {}

  /** {@code /api/v1/node}. */
  record NodeView(
      String version,
      String startedAt,
      String now,
      boolean enabled,
      boolean running,
      boolean draining,
      boolean stopping,
      int responses,
      HealthView health,
      Map<String, Long> delivered,
      long fetched,
      long uploaded,
      long downloaded,
      SavingsView savings,
      StoreStatus store,
      int torrents,
      int peers,
      List<SiteView> sites,
      List<BanView> bans) {}

  /** {@code /health}. */
  record HealthView(String status, List<String> reasons, List<String> warnings) {}

  record SavingsView(SavedView today, SavedView week, SavedView ever, String since) {}

  record SavedView(long delivered, long fetched, long saved, double ratio) {
    static SavedView of(Saved saved) {
      return new SavedView(saved.delivered(), saved.fetched(), saved.saved(), saved.ratio());
    }
  }

  record SiteView(
      String id,
      List<String> roles,
      List<String> patterns,
      int files,
      long passedThrough,
      long fetchedPieces) {}

  record BanView(String address, boolean whole, long secondsLeft) {}

  /** A row of {@code /api/v1/files}, and {@code /api/v1/file}. */
  record FileView(
      String site,
      String path,
      long length,
      @Nullable String infoHash,
      String state,
      double share,
      int pieces,
      int pieceLength,
      long hashed,
      int readers,
      int peers,
      long uploaded,
      long downloaded,
      PieceStrip map) {}

  record FilesView(int total, List<FileView> files) {}

  /** A row of {@code /api/v1/peers}: one peer's connections, all torrents together. */
  record PeerView(
      String address,
      String client,
      boolean dialled,
      boolean root,
      int torrents,
      long uploaded,
      long downloaded,
      List<PeerTorrentView> shares) {}

  record PeerTorrentView(
      String infoHash, String name, int pieces, int of, long uploaded, long downloaded) {}

  record ThroughputView(int stepSeconds, Map<String, List<Long>> steps) {}

  record EventView(
      long number, String at, String last, long count, String kind, String subject, String reason) {
    static EventView of(Event event) {
      return new EventView(
          event.number(),
          event.at().toString(),
          event.last().toString(),
          event.count(),
          event.kind().label(),
          event.subject(),
          event.reason());
    }
  }

  /** Each event of {@code /api/v1/stream}. */
  record SnapshotView(
      NodeView node,
      ThroughputView throughput,
      FilesView files,
      List<PeerView> peers,
      List<EventView> events,
      List<Preheats.View> preheats) {}
}
