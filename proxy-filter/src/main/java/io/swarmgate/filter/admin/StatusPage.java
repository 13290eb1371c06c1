package io.swarmgate.filter.admin;

import io.swarmgate.backend.status.FileStatus;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.SiteStatus;
import io.swarmgate.backend.swarm.SwarmStatus;
import io.swarmgate.backend.swarm.SwarmStatus.PeerStatus;
import java.util.Locale;

/** The status as a page for people: no script, nothing loaded from elsewhere. */
final class StatusPage {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private final StringBuilder out = new StringBuilder();

  private StatusPage() {}

  static String of(NodeStatus node) {
    StatusPage page = new StatusPage();
    page.write(node);
    return page.out.toString();
  }

  private void write(NodeStatus node) {
    out.append(
        """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta http-equiv="refresh" content="5">
        <title>Swarmgate</title>
        <style>
        body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; color-scheme: light dark }
        table { border-collapse: collapse; margin: 0 0 1.5em }
        th, td { text-align: left; padding: .2em 1.2em .2em 0; border-bottom: 1px solid #8884 }
        </style>
        <h1>Swarmgate</h1>
        """);
    row("th", "State", "To peers", "From peers", "From origins");
    row(
        "td",
        node.running() ? "running" : node.enabled() ? "stopped" : "not enabled",
        bytes(node.uploaded()),
        bytes(node.downloaded()),
        bytes(node.fromOrigins()));
    out.append("</table>\n");
    node.sites().forEach(this::site);
    node.swarms().forEach(this::swarm);
    out.append("<p><a href=\"status\">The same as JSON</a>\n</html>\n");
  }

  private void site(SiteStatus site) {
    out.append("<h2>Site ").append(escaped(site.id())).append("</h2>\n<p>");
    out.append(escaped(String.join(", ", site.roles())));
    out.append("; passed through ").append(bytes(site.passedThrough()));
    out.append(", pieces from origins ").append(bytes(site.fetchedPieces())).append("\n");
    if (!site.files().isEmpty()) {
      row("th", "File", "Size", "Hashed");
      for (FileStatus file : site.files()) {
        row("td", file.path(), bytes(file.length()), percent(file.hashed(), file.length()));
      }
      out.append("</table>\n");
    }
  }

  private void swarm(SwarmStatus swarm) {
    out.append("<h2>Swarm ").append(escaped(swarm.name())).append("</h2>\n<p>");
    out.append(swarm.verified()).append(" of ").append(swarm.pieces()).append(" pieces, ");
    out.append(swarm.readers()).append(" readers\n");
    if (!swarm.peers().isEmpty()) {
      row("th", "Peer", "Its pieces", "To it", "From it");
      for (PeerStatus peer : swarm.peers()) {
        row(
            "td",
            peer.address(),
            Integer.toString(peer.pieces()),
            bytes(peer.uploaded()),
            bytes(peer.downloaded()));
      }
      out.append("</table>\n");
    }
  }

  /** A row of cells; the heading row opens the table. */
  private void row(String cell, String... values) {
    out.append(cell.equals("th") ? "<table>\n<tr>" : "<tr>");
    for (String value : values) {
      out.append('<').append(cell).append('>').append(escaped(value));
    }
    out.append('\n');
  }

  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
  }

  private static String percent(long part, long all) {
    return (all == 0 ? 100 : part * 100 / all) + " %";
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
