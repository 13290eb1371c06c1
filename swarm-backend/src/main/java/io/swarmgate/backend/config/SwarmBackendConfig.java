package io.swarmgate.backend.config;

import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that one node was configured to do, checked. Immutable. Defaults stand in {@link Setting}.
 *
 * @param enabled whether anything is served at all; if not, there are no sites and no problem with
 *     any other value stops the start
 * @param sites at least one if enabled
 * @param maxResponses most responses under way at a time; 0 for no limit
 * @param maxResponsesPerClient most of them to one client; 0 for no limit
 * @param drainTimeout how long a stop lets responses finish; zero: not at all
 * @param store directory of the pieces and what goes with them; may not exist yet
 * @param storeMax bytes the pieces may take
 * @param peer where peers are listened for
 * @param peers those to connect to
 * @param trackers announce URLs of those that are told of our torrents and asked for peers
 * @param peerAdvertise where trackers are told that peers can connect to us, and the port that
 *     peers are told; empty if not given: then the port of {@code peer}, and whatever address they
 *     see
 * @param allow who may connect as a peer, as given; empty if not given: then loopback and whatever
 *     {@code peers} resolve to
 * @param uploadLimit most bytes sent to peers a second; 0 for no limit
 * @param secret shared by the nodes of a closed swarm; may be empty
 * @param adminToken what the admin listener asks for; may be empty
 * @param encryption whether connections to peers are obfuscated
 * @param mapped whether files may be mapped into memory
 * @param adminListen where the status page is served; empty if it is off
 * @param warnings lines for the log about what is allowed but unwise
 */
public record SwarmBackendConfig(
    boolean enabled,
    List<SiteConfig> sites,
    int maxResponses,
    int maxResponsesPerClient,
    Duration drainTimeout,
    Path store,
    long storeMax,
    HostPort peer,
    List<PeerAddress> peers,
    List<URI> trackers,
    Optional<HostPort> peerAdvertise,
    List<Cidr> allow,
    long uploadLimit,
    Secret secret,
    Secret adminToken,
    Encryption encryption,
    boolean mapped,
    Optional<HostPort> adminListen,
    List<String> warnings) {

  /**
   * Reads values by NAME, as module properties, init-params and the {@code config} file give them.
   * Unset and empty values mean the default.
   *
   * @param values what the container was told
   * @param base directory against which relative paths are resolved
   * @throws ConfigException if anything is wrong, with a line for each problem
   */
  public static SwarmBackendConfig parse(Map<String, String> values, Path base)
      throws ConfigException {
    return parse(values, base, System::getenv);
  }

  /** The same, with an environment of the caller's. */
  static SwarmBackendConfig parse(
      Map<String, String> values, Path base, Function<String, @Nullable String> env)
      throws ConfigException {
    List<String> problems = new ArrayList<>();
    Map<String, String> merged = new SettingsSource(base, env, problems).merge(values);
    if ("false".equals(merged.get(Setting.ENABLED.key()))) {
      return read(new Settings(Map.of(), base, new ArrayList<>()), env, false);
    }
    SwarmBackendConfig config = read(new Settings(merged, base, problems), env, true);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return config;
  }

  private static SwarmBackendConfig read(
      Settings settings, Function<String, @Nullable String> env, boolean enabled) {
    NodeParser node = new NodeParser(settings, env);
    settings.get(Setting.ENABLED, Parsers::bool);
    List<SiteConfig> sites = enabled ? SiteParser.parse(settings) : List.of();
    Path store = node.store();
    HostPort peer =
        new HostPort(
            settings.get(Setting.PEER_HOST, Parsers::hostName),
            settings.get(Setting.PEER_PORT, Parsers::port));
    List<Cidr> allow = settings.list(Setting.ALLOW, Cidr::parse);
    node.checkReach(peer, allow);
    Secret secret = node.secret(Setting.SECRET);
    Secret adminToken = node.secret(Setting.ADMIN_TOKEN);
    List<String> warnings = new ArrayList<>();
    if (!NodeParser.isLoopback(peer.host()) && secret.isEmpty()) {
      warnings.add("peerHost: " + peer.host() + " is not loopback and there is no secret");
    }
    if (secret.isEmpty() && sites.stream().anyMatch(site -> site.authorize() != Authorize.NONE)) {
      warnings.add(
          "authorize: there is no secret, so metainfo, though no content, is given by address");
    }
    return new SwarmBackendConfig(
        enabled,
        List.copyOf(sites),
        settings.get(Setting.MAX_RESPONSES, NodeParser::limit),
        settings.get(Setting.MAX_RESPONSES_PER_CLIENT, NodeParser::limit),
        settings.get(Setting.DRAIN_TIMEOUT, Parsers::duration),
        store,
        node.storeMax(store),
        peer,
        settings.list(Setting.PEERS, PeerAddress::parse),
        List.copyOf(settings.list(Setting.TRACKER, Parsers::announceUrl)),
        node.peerAdvertise(),
        allow,
        settings.find(Setting.UPLOAD_LIMIT, NodeParser::rate).orElse(0L),
        secret,
        adminToken,
        settings.get(Setting.ENCRYPTION, text -> Parsers.word(Encryption.class, text)),
        settings.get(Setting.MAPPED, Parsers::bool),
        node.adminListen(adminToken),
        List.copyOf(warnings));
  }

  /** Whether {@code address} is in {@link #allow}. */
  public boolean allows(InetAddress address) {
    return allow.stream().anyMatch(block -> block.contains(address));
  }
}
