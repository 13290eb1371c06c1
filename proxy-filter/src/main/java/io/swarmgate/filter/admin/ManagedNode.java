package io.swarmgate.filter.admin;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.site.Purged;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.StoreStatus;
import io.swarmgate.backend.status.StoredPieces;
import io.swarmgate.backend.swarm.Ban;
import io.swarmgate.backend.swarm.SwarmDetails;
import io.swarmgate.filter.doctor.Finding;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * What the admin pages ask of a node, and do to it. Thread-safe. As a {@link Backend} it opens
 * representations for the node's own use: neither limited nor counted as clients'.
 */
public interface ManagedNode extends Backend {
  NodeStatus status();

  /** The torrents that are awake, piece by piece. */
  default List<SwarmDetails> details() {
    return List.of();
  }

  /** The verified pieces of a stored torrent; empty if nothing of it is stored. */
  default Optional<StoredPieces> pieces(InfoHash infoHash) {
    return Optional.empty();
  }

  default StoreStatus store() {
    return new StoreStatus(0, 1, 0, null, null);
  }

  /** The sites as configured. */
  default List<SiteConfig> sites() {
    return List.of();
  }

  /** Responses under way. */
  default int responses() {
    return 0;
  }

  /** Whether the node is being drained, so that nobody new should be sent to it. */
  default boolean isDraining() {
    return false;
  }

  /** Whether it drains because it stops. */
  default boolean isStopping() {
    return false;
  }

  /** Begins to drain. */
  default void drain() {}

  /** Ends draining; false if the node stops, which can't be taken back. */
  default boolean endDrain() {
    return true;
  }

  /**
   * Lets a stop wait no longer than so long for responses, from now; false if the node doesn't
   * stop.
   */
  default boolean hurry(Duration most) {
    return false;
  }

  /** Begins a scrub of the store, or joins the one under way. */
  default void scrub() throws IOException {}

  /** Forgets what is kept of some files; completes when all that isn't being read is deleted. */
  default CompletionStage<Purged> purge(String site, Predicate<String> paths, boolean abort) {
    return CompletableFuture.completedStage(Purged.NOTHING);
  }

  /** The bans of peers that last. */
  default List<Ban> bans() {
    return List.of();
  }

  /** Bans everyone at an address. */
  default void ban(InetAddress address, Duration time, String reason) {}

  /** Ends the bans of an address; false if there is none. */
  default boolean unban(InetAddress address) {
    return false;
  }

  /** Checks what the node needs of its machine, peers and origins. Blocks for some seconds. */
  default List<Finding> checkUp() throws InterruptedException {
    return List.of();
  }

  @Override
  default boolean accepts(RequestView request) {
    return false;
  }

  @Override
  default CompletionStage<Outcome> open(RequestView request) {
    return CompletableFuture.completedStage(new Outcome.Next());
  }
}
