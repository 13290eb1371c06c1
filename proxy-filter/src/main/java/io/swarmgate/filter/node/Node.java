package io.swarmgate.filter.node;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.SwarmBackend;
import io.swarmgate.backend.config.ConfigException;
import io.swarmgate.backend.config.HostPort;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import io.swarmgate.filter.admin.AdminServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A running node: its backend, and the admin listener beside it. Thread-safe. */
public final class Node implements Backend, AutoCloseable {
  private final SwarmBackend backend;
  private final LimitedBackend limited;
  private final @Nullable AdminServer admin;

  private Node(SwarmBackend backend, ResponseLimits limits, @Nullable AdminServer admin) {
    this.backend = backend;
    this.limited = new LimitedBackend(backend, limits);
    this.admin = admin;
  }

  /**
   * Starts a node. If it can't, nothing is left running.
   *
   * @param values settings by NAME, as text; unset and empty ones stand for their defaults
   * @param base what relative paths start from
   * @throws ConfigException if a setting is wrong, with a line for each
   * @throws IOException if an address or a directory can't be used; the message is one line
   */
  public static Node start(Map<String, String> values, Path base)
      throws ConfigException, IOException {
    SwarmBackendConfig config = SwarmBackendConfig.parse(values, base);
    SwarmBackend backend = new SwarmBackend(config, new BtMetainfoCodec(), Engines::of);
    backend.start();
    try {
      ResponseLimits limits =
          new ResponseLimits(config.maxResponses(), config.maxResponsesPerClient());
      return new Node(backend, limits, startAdmin(config, backend));
    } catch (IOException | RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  private static @Nullable AdminServer startAdmin(SwarmBackendConfig config, SwarmBackend backend)
      throws IOException {
    Optional<HostPort> listen = config.adminListen();
    return config.enabled() && listen.isPresent()
        ? AdminServer.start(listen.get(), config.adminToken(), backend::status)
        : null;
  }

  @Override
  public boolean accepts(RequestView request) {
    return limited.accepts(request);
  }

  @Override
  public CompletionStage<Outcome> open(RequestView request) {
    return limited.open(request);
  }

  /** What it is doing. */
  public NodeStatus status() {
    return backend.status();
  }

  /** Stops: responses under way are aborted. Idempotent. */
  @Override
  public void close() {
    if (admin != null) {
      admin.close();
    }
    backend.close();
  }
}
