package io.swarmgate.filter.node;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.SwarmBackend;
import io.swarmgate.backend.config.ConfigException;
import io.swarmgate.backend.config.HostPort;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.observe.Answer;
import io.swarmgate.backend.observe.Observer;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import io.swarmgate.filter.admin.AdminServer;
import io.swarmgate.filter.admin.MBeans;
import io.swarmgate.filter.admin.Watch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A running node: its backend, and the admin listener beside it. Thread-safe. */
public final class Node implements Backend, AutoCloseable {
  private final SwarmBackend backend;
  private final Watch watch;
  private final LimitedBackend limited;
  private final ResponseLimits limits;
  private final Drain drain;
  private final Duration drainTimeout;
  private final @Nullable AdminServer admin;
  private final @Nullable MBeans beans;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Node(SwarmBackendConfig config, SwarmBackend backend, Watch watch) throws IOException {
    this.backend = backend;
    this.watch = watch;
    this.limits = new ResponseLimits(config.maxResponses(), config.maxResponsesPerClient());
    Observer observer = watch.observer();
    this.limited =
        new LimitedBackend(
            backend,
            limits,
            request -> observer.answered(backend.site(request).orElse(""), Answer.BUSY));
    this.drain = new Drain(limits::count, closed::get);
    this.drainTimeout = config.drainTimeout();
    NodeAdmin managed = new NodeAdmin(backend, limits, drain, config);
    watch.follow(managed);
    this.admin = startAdmin(config, managed, watch);
    this.beans = config.enabled() ? MBeans.register(managed, watch, config.store()) : null;
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
    Watch watch = Watch.of(config.store(), Clock.systemUTC());
    Observer observer = watch.observer();
    SwarmBackend backend =
        new SwarmBackend(
            config, new BtMetainfoCodec(), parsed -> Engines.of(parsed, observer), observer);
    try {
      backend.start();
      if (config.enabled()) {
        watch.savings().load();
      }
      return new Node(config, backend, watch);
    } catch (IOException | RuntimeException e) {
      watch.close();
      backend.close();
      throw e;
    }
  }

  private static @Nullable AdminServer startAdmin(
      SwarmBackendConfig config, NodeAdmin node, Watch watch) throws IOException {
    Optional<HostPort> listen = config.adminListen();
    return config.enabled() && listen.isPresent()
        ? AdminServer.start(listen.get(), config.adminToken(), node, watch)
        : null;
  }

  @Override
  public boolean accepts(RequestView request) {
    return limited.accepts(request);
  }

  @Override
  public boolean involvesChain(RequestView request) {
    return limited.involvesChain(request);
  }

  @Override
  public CompletionStage<Outcome> open(RequestView request) {
    return limited.open(request);
  }

  /** What it is doing. */
  public NodeStatus status() {
    return backend.status();
  }

  /** Where the admin listener is; empty if it is off. */
  public Optional<HostPort> adminAddress() {
    return Optional.ofNullable(admin).map(AdminServer::address);
  }

  /** Responses under way. */
  public int responses() {
    return limited.responses();
  }

  /** How long a stop may wait for responses to finish. */
  public Duration drainTimeout() {
    return drainTimeout;
  }

  /**
   * Begins to stop: tells balancers to send nobody new. What runs goes on, and so does seeding, for
   * {@link #drainTimeout} from now.
   */
  public void drain() {
    drain.stop(drainTimeout);
  }

  /** Ends what {@link #drain} began. */
  public void resume() {
    drain.resume();
  }

  /**
   * Drains, and waits until no response is under way, {@link #drainTimeout} has passed, or an
   * operator has cut that short.
   */
  public void awaitDrained() {
    if (!closed.get()) {
      drain();
      drain.await();
    }
  }

  /**
   * Stops: responses are let finish for as long as {@link #drainTimeout}, and aborted then.
   * Idempotent; a second call, while the first one waits, aborts them.
   */
  @Override
  public void close() {
    if (closing.compareAndSet(false, true)) {
      awaitDrained();
    }
    abort();
  }

  /** Stops at once: responses under way are aborted. Idempotent. */
  public void abort() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    if (admin != null) {
      admin.close();
    }
    if (beans != null) {
      beans.close();
    }
    // What a publisher sends of its own files needs nothing that ends with the backend.
    limits.abort();
    watch.close();
    backend.close();
  }
}
