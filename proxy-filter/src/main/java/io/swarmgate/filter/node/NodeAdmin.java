package io.swarmgate.filter.node;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.SwarmBackend;
import io.swarmgate.backend.config.PeerAddress;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.site.Purged;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.StoreStatus;
import io.swarmgate.backend.status.StoredPieces;
import io.swarmgate.backend.swarm.Ban;
import io.swarmgate.backend.swarm.SwarmDetails;
import io.swarmgate.filter.admin.ManagedNode;
import io.swarmgate.filter.doctor.Finding;
import io.swarmgate.filter.doctor.Machine;
import io.swarmgate.filter.doctor.Reach;
import io.swarmgate.filter.doctor.UrlCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** A node as its admin listener sees it. */
record NodeAdmin(
    SwarmBackend backend, ResponseLimits limits, Drain drainage, SwarmBackendConfig config)
    implements ManagedNode {
  @Override
  public NodeStatus status() {
    return backend.status();
  }

  @Override
  public List<SwarmDetails> details() {
    return backend.details();
  }

  @Override
  public Optional<StoredPieces> pieces(InfoHash infoHash) {
    return backend.pieces(infoHash);
  }

  @Override
  public StoreStatus store() {
    return backend.store();
  }

  @Override
  public List<SiteConfig> sites() {
    return backend.sites();
  }

  @Override
  public int responses() {
    return limits.count();
  }

  @Override
  public boolean isDraining() {
    return drainage.isOn();
  }

  @Override
  public boolean isStopping() {
    return drainage.isStopping();
  }

  @Override
  public void drain() {
    drainage.begin();
  }

  @Override
  public boolean endDrain() {
    return drainage.end();
  }

  @Override
  public boolean hurry(Duration most) {
    return drainage.hurry(most);
  }

  @Override
  public void scrub() throws IOException {
    backend.scrub();
  }

  @Override
  public CompletionStage<Purged> purge(String site, Predicate<String> paths, boolean abort) {
    return backend.purge(site, paths, abort);
  }

  @Override
  public List<Ban> bans() {
    return backend.bans();
  }

  @Override
  public void ban(InetAddress address, Duration time, String reason) {
    backend.ban(address, time, reason);
  }

  @Override
  public boolean unban(InetAddress address) {
    return backend.unban(address);
  }

  @Override
  public List<Finding> checkUp() throws InterruptedException {
    StoreStatus store = backend.store();
    List<Finding> all = new ArrayList<>(Machine.of(config.store(), store.max() - store.used()));
    all.addAll(Reach.of(config.peers().stream().map(PeerAddress::at).toList()));
    UrlCheck origins = new UrlCheck(Clock.systemUTC(), all::add);
    for (SiteConfig site : config.sites()) {
      for (URI origin : site.origins()) {
        origins.reach(origin);
      }
    }
    return all;
  }

  @Override
  public boolean accepts(RequestView request) {
    return backend.accepts(request);
  }

  @Override
  public CompletionStage<Outcome> open(RequestView request) {
    return backend.openOwn(request);
  }
}
