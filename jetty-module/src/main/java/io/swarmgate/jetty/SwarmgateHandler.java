package io.swarmgate.jetty;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.config.ConfigException;
import io.swarmgate.filter.node.SharedNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.Graceful;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Jetty handler around a node: it answers what the node serves and leaves all else to the handler
 * it wraps. The node starts and stops with it, unless others of this process, be they handlers or
 * filters, ask for one of the same settings: it is theirs too.
 *
 * <p>Meant for the server level, innermost, just around the contexts: so every other handler of the
 * server still sees the request first, and no web application has to know. Its responses are never
 * compressed. Settings are made before the start, by one thread.
 */
public final class SwarmgateHandler extends BackendHandler implements Graceful {
  private static final Logger LOG = LoggerFactory.getLogger(SwarmgateHandler.class);

  /** Between the end of the draining and that of the server's wait for it. */
  private static final Duration BEYOND = Duration.ofSeconds(1);

  private final Map<String, String> settings = new HashMap<>();
  private Path base = Path.of("");
  private volatile @Nullable SharedNode node;
  private volatile boolean shutDown;

  /**
   * Sets what relative paths start from: {@code $JETTY_BASE}. The working directory if it is never
   * set.
   */
  public void setBase(String directory) {
    base = Path.of(directory);
  }

  /**
   * Sets a value by its NAME.
   *
   * @param value as text, read when the handler starts; null or empty for the default
   */
  public void set(String name, @Nullable String value) {
    if (value != null) {
      settings.put(name, value);
    }
  }

  @Override
  protected @Nullable Backend backend() {
    return node;
  }

  /**
   * Starts the node, then what this handler wraps.
   *
   * @throws StartRefusedException if a setting can't be used, or an address or a directory; the log
   *     has a line for each, which begins with its NAME
   */
  @Override
  protected void doStart() throws Exception {
    try {
      node = SharedNode.start(settings, base);
    } catch (ConfigException e) {
      throw refused(e.problems());
    } catch (IOException e) {
      throw refused(List.of(String.valueOf(e.getMessage())));
    }
    try {
      shutDown = false;
      letDrain();
      super.doStart();
    } catch (Exception e) {
      closeNode();
      throw e;
    }
  }

  /** A server that stops gracefully waits for responses as long as the node may, at least. */
  private void letDrain() {
    SharedNode started = node;
    Server server = getServer();
    if (started != null && server != null && server.getStopTimeout() > 0) {
      long enough = started.drainTimeout().plus(BEYOND).toMillis();
      server.setStopTimeout(Math.max(server.getStopTimeout(), enough));
    }
  }

  /**
   * Begins to drain; completes when no response is under way. What still runs when the drain
   * timeout has passed, or an operator cuts that short, is aborted: connectors wait for it too.
   */
  @Override
  public CompletableFuture<Void> shutdown() {
    SharedNode last = node;
    if (last == null) {
      return CompletableFuture.completedFuture(null);
    }
    shutDown = true;
    last.drain();
    return CompletableFuture.runAsync(last::drainAndAbort, getServer().getThreadPool());
  }

  @Override
  public boolean isShutdown() {
    return shutDown;
  }

  private static StartRefusedException refused(List<String> problems) {
    problems.forEach(line -> LOG.error("Swarmgate can't start: {}", line));
    return new StartRefusedException();
  }

  @Override
  protected void doStop() throws Exception {
    try {
      super.doStop();
    } finally {
      closeNode();
    }
  }

  private void closeNode() {
    SharedNode last = node;
    node = null;
    if (last != null) {
      // Drained before, if the server stops gracefully; its connections are closed by now.
      last.abort();
    }
  }

  /**
   * Stops the server's start. Without a stack trace, in which the lines that say why would be lost.
   */
  public static final class StartRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    StartRefusedException() {
      super("Swarmgate can't start, for the reasons logged before", null, false, false);
    }
  }
}
