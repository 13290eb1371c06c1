package io.swarmgate.filter.admin;

import io.swarmgate.backend.observe.EventLog;
import io.swarmgate.backend.observe.Observer;
import io.swarmgate.backend.observe.Savings;
import io.swarmgate.backend.observe.Throughput;
import java.nio.file.Path;
import java.time.Clock;

/**
 * Everything that keeps what a node is seen doing. Made before the node starts, so that nothing is
 * missed. Thread-safe.
 *
 * @param clock dates events, and says which day something was saved on
 */
public record Watch(
    Metrics metrics, EventLog events, Throughput throughput, Savings savings, Clock clock)
    implements AutoCloseable {
  /**
   * Begins with nothing.
   *
   * @param store the node's store, in which what was saved is kept
   */
  public static Watch of(Path store, Clock clock) {
    return new Watch(
        new Metrics(),
        new EventLog(clock),
        new Throughput(),
        new Savings(store.resolve("savings"), clock),
        clock);
  }

  /** What the node tells. */
  public Observer observer() {
    return Observer.all(metrics, events, throughput, savings);
  }

  /** Adds figures of a node as it is to the metrics, to be called once. */
  public void follow(ManagedNode node) {
    NodeFigures.addTo(metrics, new Overview(node, this, new Health(node)));
  }

  /** Writes what was saved, as long as the store is locked for this process. */
  @Override
  public void close() {
    savings.close();
    metrics.close();
  }
}
