package io.swarmgate.filter.admin;

import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.StoreStatus;
import io.swarmgate.filter.admin.Views.HealthView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether clients should be sent to a node, and what else is worth a look. An origin that is gone,
 * or peers that are, don't make a node unhealthy: it serves what it has, which is more than a
 * balancer without it could.
 */
record Health(ManagedNode node) {
  HealthView view() {
    NodeStatus status = node.status();
    StoreStatus store = node.store();
    List<String> reasons = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    if (!status.running()) {
      reasons.add(status.enabled() ? "the node doesn't run" : "enabled is false");
    }
    if (node.isDraining()) {
      reasons.add(
          (node.isStopping() ? "the node stops; " : "the node is being drained; ")
              + node.responses()
              + " responses are under way");
    }
    add(warnings, store.trouble(), "pieces can't be kept: ");
    if (store.scrub() != null && store.scrub().damaged() > 0) {
      warnings.add(
          "a scrub found " + store.scrub().damaged() + " damaged pieces: look after the disk");
    }
    String state = !reasons.isEmpty() ? "failing" : warnings.isEmpty() ? "ok" : "warning";
    return new HealthView(state, List.copyOf(reasons), List.copyOf(warnings));
  }

  private static void add(List<String> to, @Nullable String reason, String what) {
    if (reason != null) {
      to.add(what + reason);
    }
  }
}
