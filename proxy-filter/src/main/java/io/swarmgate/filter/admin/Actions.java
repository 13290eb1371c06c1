package io.swarmgate.filter.admin;

import io.swarmgate.backend.config.Cidr;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.site.Purged;
import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.filter.admin.Ask.BadParameterException;
import io.swarmgate.filter.doctor.UrlCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What operators do to a node. Each is audited, and answered with what came of it as JSON. */
record Actions(ManagedNode node, Preheats preheats, Audit audit) {
  private static final int MOST_BAN_MINUTES = 60 * 24 * 365;
  private static final int BAN_MINUTES = 60;
  private static final long PURGE_SECONDS = 10;

  void addTo(Router router) {
    router
        .post("/preheat", this::preheat)
        .post("/purge", this::purge)
        .post("/drain", this::drain)
        .post("/scrub", this::scrub)
        .post("/doctor", this::doctor)
        .post("/ban", this::ban)
        .post("/unban", this::unban);
  }

  private SiteConfig site(Ask ask) throws BadParameterException {
    String id = ask.find("site").orElse(null);
    if (id == null && node.sites().size() == 1) {
      return node.sites().get(0);
    }
    for (SiteConfig site : node.sites()) {
      if (site.id().equals(id)) {
        return site;
      }
    }
    throw new BadParameterException(
        "site: expected the id of a site, got " + (id == null ? "none" : '"' + id + '"'));
  }

  private static UrlPath path(Ask ask, String name, SiteConfig site) throws BadParameterException {
    String given = ask.need(name);
    if (!given.startsWith("/") || !UrlPath.isServable(given)) {
      throw new BadParameterException(
          name + ": expected a URL's decoded path, got \"" + given + '"');
    }
    UrlPath path = new UrlPath(given);
    if (site.rank(path.decoded()).isEmpty()) {
      throw new BadParameterException(
          name + ": expected a path under the site's patterns, got \"" + given + '"');
    }
    return path;
  }

  private Reply preheat(Ask ask) throws BadParameterException {
    SiteConfig site = site(ask);
    UrlPath path = path(ask, "path", site);
    String host = site.hosts().isEmpty() ? null : site.hosts().get(0);
    OwnRequest request = new OwnRequest(path.encoded(), ask.find("query").orElse(null), host);
    Preheats.View view =
        preheats
            .add(
                site.id(),
                request,
                range(ask.find("range").orElse(null)),
                ask.number("priority", 0))
            .orElse(null);
    if (view == null) {
      return Reply.error(503, "too many preheats wait");
    }
    audit.done(ask, "preheats " + path + " of site " + site.id());
    return Reply.json(202, view);
  }

  /** {@code FIRST-LAST} or {@code FIRST-}, in bytes, both included as in HTTP. */
  private static Preheats.Wanted range(@Nullable String text) throws BadParameterException {
    if (text == null) {
      return Preheats.Wanted.ALL;
    }
    int dash = text.indexOf('-');
    try {
      long first = Long.parseLong(text.substring(0, Math.max(dash, 0)));
      String last = text.substring(dash + 1);
      long end = last.isEmpty() ? Long.MAX_VALUE : Math.addExact(Long.parseLong(last), 1);
      if (first >= 0 && first < end) {
        return new Preheats.Wanted(first, end);
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // Told below.
    }
    throw new BadParameterException("range: expected FIRST-LAST in bytes, got \"" + text + '"');
  }

  private Reply purge(Ask ask) throws BadParameterException, IOException {
    SiteConfig site = site(ask);
    String prefix = ask.find("prefix").orElse(null);
    String what;
    Predicate<String> paths;
    if (prefix != null) {
      if (!prefix.startsWith("/") || ask.find("path").isPresent()) {
        throw new BadParameterException("expected either a path or a prefix that begins with /");
      }
      what = prefix + "*";
      paths = path -> path.startsWith(prefix);
    } else {
      UrlPath path = path(ask, "path", site);
      what = path.decoded();
      paths = path.decoded()::equals;
    }
    boolean abort = ask.flag("abort");
    audit.done(
        ask, "purges " + what + " of site " + site.id() + (abort ? ", aborting what runs" : ""));
    Purged purged = await(node.purge(site.id(), paths, abort).toCompletableFuture());
    return Reply.json(200, purged);
  }

  private static Purged await(Future<Purged> purge) throws IOException {
    try {
      return purge.get(PURGE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the node stops", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the purge isn't over: " + e, e);
    }
  }

  private Reply drain(Ask ask) throws BadParameterException {
    if (ask.find("seconds").isPresent()) {
      return hurry(ask, ask.number("seconds", 0));
    }
    if (!"false".equals(ask.find("on").orElse("true"))) {
      node.drain();
      audit.done(ask, "drains the node");
      return Reply.json(202, draining());
    }
    if (!node.endDrain()) {
      return Reply.error(
          409, "the node stops, which can't be taken back; seconds=0 aborts what it waits for");
    }
    audit.done(ask, "ends the draining");
    return Reply.json(200, draining());
  }

  private Reply hurry(Ask ask, int seconds) {
    if (!node.hurry(Duration.ofSeconds(seconds))) {
      return Reply.error(
          409, "seconds: expected a node that stops, and waits for responses; this one doesn't");
    }
    audit.done(ask, "aborts in " + seconds + " s what the stop still waits for");
    return Reply.json(202, draining());
  }

  private Map<String, Object> draining() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("draining", node.isDraining());
    fields.put("stopping", node.isStopping());
    fields.put("responses", node.responses());
    return fields;
  }

  private Reply scrub(Ask ask) throws IOException {
    node.scrub();
    audit.done(ask, "scrubs the store");
    return Reply.json(202, node.store().scrub());
  }

  /** Checks the node, and how its origins deliver a path if one is given. Takes some seconds. */
  private Reply doctor(Ask ask) throws BadParameterException, IOException {
    Map<String, Object> found = new LinkedHashMap<>();
    List<URI> urls = new ArrayList<>();
    if (ask.find("path").isPresent()) {
      SiteConfig site = site(ask);
      UrlPath path = path(ask, "path", site);
      site.origins().forEach(origin -> urls.add(URI.create(origin + path.encoded())));
    }
    audit.done(ask, "checks the node" + (urls.isEmpty() ? "" : " and " + urls));
    try {
      found.put("node", node.checkUp());
      for (URI url : urls) {
        found.put(url.toString(), UrlCheck.of(url, Clock.systemUTC()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the node stops", e);
    }
    return Reply.json(200, found);
  }

  private static InetAddress address(Ask ask) throws BadParameterException {
    String text = ask.need("address");
    // An address alone, so that nothing is asked of the DNS.
    return Cidr.address(text)
        .orElseThrow(
            () ->
                new BadParameterException("address: expected an IP address, got \"" + text + '"'));
  }

  private Reply ban(Ask ask) throws BadParameterException {
    InetAddress address = address(ask);
    int minutes = ask.number("minutes", BAN_MINUTES);
    if (minutes < 1 || minutes > MOST_BAN_MINUTES) {
      throw new BadParameterException("minutes: expected 1 to " + MOST_BAN_MINUTES);
    }
    String reason = ask.find("reason").orElse("by way of the admin listener");
    node.ban(address, Duration.ofMinutes(minutes), reason);
    audit.done(ask, "bans " + address.getHostAddress() + " for " + minutes + " min: " + reason);
    return Reply.json(200, Map.of("address", address.getHostAddress(), "minutes", minutes));
  }

  private Reply unban(Ask ask) throws BadParameterException {
    InetAddress address = address(ask);
    boolean was = node.unban(address);
    audit.done(ask, "ends the bans of " + address.getHostAddress());
    return Reply.json(200, Map.of("address", address.getHostAddress(), "wasBanned", was));
  }
}
