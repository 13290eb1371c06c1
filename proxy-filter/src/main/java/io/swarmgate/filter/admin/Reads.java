package io.swarmgate.filter.admin;

import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.filter.admin.Views.HealthView;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the admin listener tells without changing anything. */
record Reads(ManagedNode node, Overview overview, Watch watch, Health health, Preheats preheats) {
  private static final int MOST_FILES = 1_000;

  void addTo(Router router) {
    router
        .get("/status", ask -> Reply.json(200, status(node.status())))
        .get("/metrics", ask -> Reply.of(200, Metrics.contentType(), watch.metrics().scrape()))
        .get("/api/v1/node", ask -> Reply.json(200, overview.node()))
        .get("/api/v1/throughput", ask -> Reply.json(200, overview.throughput()))
        .get("/api/v1/files", this::files)
        .get("/api/v1/file", this::file)
        .get("/api/v1/peers", ask -> Reply.json(200, overview.peers()))
        .get("/api/v1/events", ask -> Reply.json(200, overview.events(Integer.MAX_VALUE)))
        .get("/api/v1/preheats", ask -> Reply.json(200, preheats.views()))
        .get("/api/v1/preheat", this::preheat)
        .get("/api/v1/snapshot", ask -> Reply.json(200, overview.snapshot(preheats)));
  }

  /** What balancers and supervisors ask, which need no token. */
  void addProbesTo(Router router) {
    router
        .get("/live", ask -> Reply.text(200, "live\n"))
        .get("/ready", this::ready)
        .get("/health", this::health);
  }

  private Reply ready(Ask ask) {
    boolean ready = node.status().running();
    return Reply.text(ready ? 200 : 503, ready ? "ready\n" : "not ready\n");
  }

  private Reply health(Ask ask) {
    HealthView view = health.view();
    return Reply.json(view.reasons().isEmpty() ? 200 : 503, view);
  }

  private Reply files(Ask ask) throws Ask.BadParameterException {
    int most = Math.min(MOST_FILES, ask.number("limit", Overview.MOST_FILES));
    String query = ask.find("query").orElse("");
    return Reply.json(200, overview.files(query, ask.number("offset", 0), most));
  }

  private Reply file(Ask ask) throws Ask.BadParameterException {
    String site = ask.need("site");
    String path = ask.need("path");
    return overview
        .file(site, path)
        .map(view -> Reply.json(200, view))
        .orElseGet(() -> Reply.error(404, "no such file is known of site " + site));
  }

  private Reply preheat(Ask ask) throws Ask.BadParameterException {
    return preheats
        .view(ask.number("id", 0))
        .map(view -> Reply.json(200, view))
        .orElseGet(() -> Reply.error(404, "no such preheat is remembered"));
  }

  /** What {@code /status} tells. Scripts rely on these names; they may be added to. */
  private static Map<String, Object> status(NodeStatus node) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("enabled", node.enabled());
    fields.put("running", node.running());
    fields.put("uploaded", node.uploaded());
    fields.put("downloaded", node.downloaded());
    fields.put("fromOrigins", node.fromOrigins());
    fields.put("sites", node.sites());
    fields.put("swarms", node.swarms());
    return fields;
  }
}
