package io.swarmgate.filter.admin;

import io.swarmgate.backend.status.FileStatus;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.filter.admin.Views.NodeView;
import java.util.stream.Stream;

/** Figures of a node as it is, beside the metrics that count what has happened. */
final class NodeFigures {
  private NodeFigures() {}

  /** Adds them; each is looked up when it is asked for. */
  static void addTo(Metrics metrics, Overview overview) {
    Memo<NodeView> now = new Memo<>(overview::node);
    metrics.gauge("swarmgate.peers", "Connected peers", null, now, NodeView::peers);
    metrics.gauge("swarmgate.torrents.awake", "Torrents in use", null, now, NodeView::torrents);
    metrics.gauge("swarmgate.responses", "Responses under way", null, now, NodeView::responses);
    metrics.gauge(
        "swarmgate.store.used", "Bytes of pieces on disk", "bytes", now, n -> n.store().used());
    metrics.gauge("swarmgate.store.max", "The store's quota", "bytes", now, n -> n.store().max());
    metrics.gauge(
        "swarmgate.healthy",
        "1 if /health answers 200",
        null,
        now,
        n -> n.health().reasons().isEmpty() ? 1 : 0);
    metrics.gauge(
        "swarmgate.draining", "1 while the node drains", null, now, n -> n.draining() ? 1 : 0);
    metrics.gauge(
        "swarmgate.bans.active", "Bans of peers that last", null, now, n -> n.bans().size());
    metrics.gauge(
        "swarmgate.saved.ratio",
        "Part of what was delivered ever that origins didn't have to send",
        null,
        now,
        n -> n.savings().ever().ratio());
    metrics.gauge(
        "swarmgate.saved",
        "Bytes that origins didn't have to send, ever",
        "bytes",
        now,
        n -> n.savings().ever().saved());
    metrics.sum("swarmgate.peers.sent", "Blocks sent to peers", "bytes", now, NodeView::uploaded);
    metrics.sum(
        "swarmgate.peers.received",
        "Blocks received from peers",
        "bytes",
        now,
        NodeView::downloaded);
    Memo<NodeStatus> status = new Memo<>(overview::status);
    metrics.gauge(
        "swarmgate.hashing.files", "Files yet to be hashed", null, status, NodeFigures::unhashed);
    metrics.gauge(
        "swarmgate.hashing.left",
        "Bytes yet to be hashed",
        "bytes",
        status,
        NodeFigures::unhashedBytes);
  }

  private static long unhashed(NodeStatus status) {
    return files(status).filter(file -> file.infoHash() == null).count();
  }

  private static long unhashedBytes(NodeStatus status) {
    return files(status)
        .filter(file -> file.infoHash() == null)
        .mapToLong(file -> file.length() - file.hashed())
        .sum();
  }

  private static Stream<FileStatus> files(NodeStatus status) {
    return status.sites().stream().flatMap(site -> site.files().stream());
  }
}
