package io.swarmgate.filter.admin;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.observe.Provenance;
import io.swarmgate.backend.observe.Savings;
import io.swarmgate.backend.observe.Throughput;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.SiteStatus;
import io.swarmgate.backend.swarm.SwarmDetails;
import io.swarmgate.filter.admin.Views.BanView;
import io.swarmgate.filter.admin.Views.EventView;
import io.swarmgate.filter.admin.Views.FileView;
import io.swarmgate.filter.admin.Views.FilesView;
import io.swarmgate.filter.admin.Views.NodeView;
import io.swarmgate.filter.admin.Views.PeerView;
import io.swarmgate.filter.admin.Views.SavedView;
import io.swarmgate.filter.admin.Views.SavingsView;
import io.swarmgate.filter.admin.Views.SiteView;
import io.swarmgate.filter.admin.Views.SnapshotView;
import io.swarmgate.filter.admin.Views.ThroughputView;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes what the admin listener tells of what a node tells. Thread-safe. */
final class Overview {
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
        new FileViews(node, status, swarms).list("", 0, MOST_FILES),
        PeerViews.of(swarms),
        events(MOST_EVENTS),
        preheats.views());
  }

  NodeStatus status() {
    return node.status();
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
        PeerViews.of(swarms).size(),
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

  /** Some files; see {@link FileViews#list}. */
  FilesView files(String query, int offset, int most) {
    return files().list(query, offset, most);
  }

  /** One file; empty if it isn't known. */
  Optional<FileView> file(String site, String path) {
    return files().one(site, path);
  }

  private FileViews files() {
    return new FileViews(node, node.status(), node.details());
  }

  /** The connected peers, each once. */
  List<PeerView> peers() {
    return PeerViews.of(node.details());
  }
}
