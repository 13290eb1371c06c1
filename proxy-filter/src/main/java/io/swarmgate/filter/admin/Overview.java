package io.swarmgate.filter.admin;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.observe.Provenance;
import io.swarmgate.backend.observe.Savings;
import io.swarmgate.backend.observe.Throughput;
import io.swarmgate.backend.status.FileStatus;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.SiteStatus;
import io.swarmgate.backend.status.StoredPieces;
import io.swarmgate.backend.swarm.SwarmDetails;
import io.swarmgate.filter.admin.Views.BanView;
import io.swarmgate.filter.admin.Views.EventView;
import io.swarmgate.filter.admin.Views.FileView;
import io.swarmgate.filter.admin.Views.FilesView;
import io.swarmgate.filter.admin.Views.NodeView;
import io.swarmgate.filter.admin.Views.PeerTorrentView;
import io.swarmgate.filter.admin.Views.PeerView;
import io.swarmgate.filter.admin.Views.SavedView;
import io.swarmgate.filter.admin.Views.SavingsView;
import io.swarmgate.filter.admin.Views.SiteView;
import io.swarmgate.filter.admin.Views.SnapshotView;
import io.swarmgate.filter.admin.Views.ThroughputView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes what the admin listener tells of what a node tells. Thread-safe. */
final class Overview {
  /** Cells of a strip in a list, and of one on its own. */
  private static final int FEW_CELLS = 100;

  private static final int MANY_CELLS = 1_000;

  /** Files in a list, unless more are asked for. */
  static final int MOST_FILES = 100;

  private static final int MOST_EVENTS = 50;

  private final ManagedNode node;
  private final Watch watch;
  private final Health health;
  private final Instant started;

  Overview(ManagedNode node, Watch watch, Health health) {
    this.node = node;
    this.watch = watch;
    this.health = health;
    this.started = watch.clock().instant();
  }

  /** All that the status page shows at first sight. */
  SnapshotView snapshot(Preheats preheats) {
    NodeStatus status = node.status();
    List<SwarmDetails> swarms = node.details();
    return new SnapshotView(
        node(status, swarms),
        throughput(),
        files(status, swarms, "", 0, MOST_FILES),
        peers(swarms),
        events(MOST_EVENTS),
        preheats.views());
  }

  NodeView node() {
    return node(node.status(), node.details());
  }

  private NodeView node(NodeStatus status, List<SwarmDetails> swarms) {
    Map<String, Long> delivered = new LinkedHashMap<>();
    for (Provenance from : Provenance.values()) {
      delivered.put(from.label(), watch.metrics().delivered(from));
    }
    return new NodeView(
        version(),
        started.toString(),
        watch.clock().instant().toString(),
        status.enabled(),
        status.running(),
        node.isDraining(),
        node.isStopping(),
        node.responses(),
        health.view(),
        delivered,
        watch.metrics().fetched(),
        status.uploaded(),
        status.downloaded(),
        savings(),
        node.store(),
        swarms.size(),
        peers(swarms).size(),
        status.sites().stream().map(this::site).toList(),
        node.bans().stream()
            .map(ban -> new BanView(ban.address(), ban.whole(), ban.left().toSeconds()))
            .toList());
  }

  static String version() {
    String version = Overview.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private SavingsView savings() {
    Savings savings = watch.savings();
    return new SavingsView(
        SavedView.of(savings.ofToday()),
        SavedView.of(savings.ofWeek()),
        SavedView.of(savings.ever()),
        savings.since().toString());
  }

  private SiteView site(SiteStatus site) {
    List<String> patterns =
        node.sites().stream()
            .filter(config -> config.id().equals(site.id()))
            .map(SiteConfig::patterns)
            .flatMap(List::stream)
            .map(Object::toString)
            .toList();
    return new SiteView(
        site.id(),
        site.roles(),
        patterns,
        site.files().size(),
        site.passedThrough(),
        site.fetchedPieces());
  }

  ThroughputView throughput() {
    Map<String, List<Long>> steps = new LinkedHashMap<>();
    watch.throughput().steps().forEach((from, bytes) -> steps.put(from.label(), bytes));
    return new ThroughputView(Throughput.STEP_SECONDS, steps);
  }

  /** The latest events. */
  List<EventView> events(int most) {
    return watch.events().latest().stream().limit(most).map(EventView::of).toList();
  }

  /**
   * Some files: those that are read first, then the rest by their paths.
   *
   * @param query what a path must contain
   */
  FilesView files(String query, int offset, int most) {
    return files(node.status(), node.details(), query, offset, most);
  }

  private FilesView files(
      NodeStatus status, List<SwarmDetails> swarms, String query, int offset, int most) {
    Map<InfoHash, SwarmDetails> awake = byInfoHash(swarms);
    record Found(SiteStatus site, FileStatus file) {}
    List<Found> all = new ArrayList<>();
    for (SiteStatus site : status.sites()) {
      for (FileStatus file : site.files()) {
        if (file.path().contains(query)) {
          all.add(new Found(site, file));
        }
      }
    }
    all.sort(
        Comparator.<Found>comparingInt(found -> -readers(awake, found.file()))
            .thenComparing(found -> found.file().infoHash() != null)
            .thenComparing(found -> found.file().path()));
    List<FileView> views =
        all.stream()
            .skip(offset)
            .limit(most)
            .map(found -> file(found.site(), found.file(), awake, FEW_CELLS))
            .toList();
    return new FilesView(all.size(), views);
  }

  private static Map<InfoHash, SwarmDetails> byInfoHash(List<SwarmDetails> swarms) {
    Map<InfoHash, SwarmDetails> all = new HashMap<>();
    swarms.forEach(swarm -> all.put(swarm.infoHash(), swarm));
    return all;
  }

  private static int readers(Map<InfoHash, SwarmDetails> awake, FileStatus file) {
    SwarmDetails swarm = file.infoHash() == null ? null : awake.get(file.infoHash());
    return swarm == null ? 0 : swarm.readers().size();
  }

  /** One file; empty if it isn't known. */
  Optional<FileView> file(String site, String path) {
    Map<InfoHash, SwarmDetails> awake = byInfoHash(node.details());
    return node.status().sites().stream()
        .filter(one -> one.id().equals(site))
        .flatMap(
            one ->
                one.files().stream()
                    .filter(file -> file.path().equals(path))
                    .map(file -> file(one, file, awake, MANY_CELLS)))
        .findFirst();
  }

  private FileView file(
      SiteStatus site, FileStatus file, Map<InfoHash, SwarmDetails> awake, int cells) {
    InfoHash infoHash = file.infoHash();
    SwarmDetails swarm = infoHash == null ? null : awake.get(infoHash);
    StoredPieces stored = swarm == null && infoHash != null ? stored(infoHash) : null;
    PieceLayout layout = swarm != null ? swarm.layout() : stored != null ? stored.layout() : null;
    BitSet have = swarm != null ? swarm.have() : stored != null ? stored.have() : new BitSet();
    boolean published = site.roles().contains("publisher") && layout == null;
    double share;
    PieceStrip map;
    if (layout == null) {
      share = published ? share(file.hashed(), file.length()) : 0;
      map = PieceStrip.of(share);
    } else {
      ByteSpan span = new ByteSpan(file.offset(), file.offset() + file.length());
      share = share(have, layout, span);
      map =
          PieceStrip.of(
              layout,
              have,
              swarm == null ? new BitSet() : swarm.underway(),
              swarm == null ? List.of() : swarm.readers(),
              span,
              cells);
    }
    return new FileView(
        site.id(),
        file.path(),
        file.length(),
        infoHash == null ? null : infoHash.toString(),
        state(file, swarm),
        share,
        layout == null ? 0 : layout.pieceCount(),
        layout == null ? 0 : layout.pieceLength(),
        file.hashed(),
        swarm == null ? 0 : swarm.readers().size(),
        swarm == null ? 0 : swarm.peers().size(),
        swarm == null ? 0 : swarm.uploaded(),
        swarm == null ? 0 : swarm.downloaded(),
        map);
  }

  private @Nullable StoredPieces stored(InfoHash infoHash) {
    return node.pieces(infoHash).orElse(null);
  }

  private static String state(FileStatus file, @Nullable SwarmDetails swarm) {
    if (file.infoHash() == null) {
      return file.hashed() > 0 ? "hashing" : "queued";
    }
    return swarm == null ? "asleep" : "awake";
  }

  private static double share(long part, long all) {
    return all == 0 ? 1 : (double) part / all;
  }

  private static double share(BitSet have, PieceLayout layout, ByteSpan span) {
    var pieces = layout.pieces(span);
    int count = pieces.end() - pieces.first();
    return share(have.get(pieces.first(), pieces.end()).cardinality(), count);
  }

  /** The connected peers, each once. */
  List<PeerView> peers() {
    return peers(node.details());
  }

  private static List<PeerView> peers(List<SwarmDetails> swarms) {
    Map<String, List<PeerTorrentView>> shares = new TreeMap<>();
    Map<String, SwarmDetails.Peer> peers = new HashMap<>();
    for (SwarmDetails swarm : swarms) {
      for (SwarmDetails.Peer peer : swarm.peers()) {
        peers.put(peer.address(), peer);
        shares
            .computeIfAbsent(peer.address(), absent -> new ArrayList<>())
            .add(
                new PeerTorrentView(
                    swarm.infoHash().toString(),
                    swarm.name(),
                    peer.pieces(),
                    swarm.layout().pieceCount(),
                    peer.uploaded(),
                    peer.downloaded()));
      }
    }
    List<PeerView> views = new ArrayList<>();
    shares.forEach(
        (address, torrents) -> {
          SwarmDetails.Peer peer = peers.get(address);
          if (peer != null) {
            views.add(
                new PeerView(
                    address,
                    peer.client(),
                    peer.dialled(),
                    peer.root(),
                    torrents.size(),
                    torrents.stream().mapToLong(PeerTorrentView::uploaded).sum(),
                    torrents.stream().mapToLong(PeerTorrentView::downloaded).sum(),
                    torrents));
          }
        });
    return views;
  }

  /** Adds figures of the node as it is to the metrics. */
  void addTo(Metrics metrics) {
    Memo<NodeView> now = new Memo<>(this::node);
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
    Memo<NodeStatus> status = new Memo<>(node::status);
    metrics.gauge(
        "swarmgate.hashing.files", "Files yet to be hashed", null, status, Overview::unhashed);
    metrics.gauge(
        "swarmgate.hashing.left",
        "Bytes yet to be hashed",
        "bytes",
        status,
        Overview::unhashedBytes);
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
