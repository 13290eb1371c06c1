package io.swarmgate.filter.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.swarmgate.backend.observe.Answer;
import io.swarmgate.backend.observe.Observer;
import io.swarmgate.backend.observe.Provenance;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a node does, for Prometheus. Names begin with {@code swarmgate_} and stay as they
 * are; docs/metrics.md lists them. Thread-safe.
 */
public final class Metrics implements Observer, AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** Upper bounds of the histograms of waits: from what nobody notices to the stall limit. */
  private static final Duration[] WAITS =
      millis(1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000);

  private final Map<String, SiteMeters> sites = new ConcurrentHashMap<>();
  private final List<Object> kept = new CopyOnWriteArrayList<>();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** Begins with nothing counted. */
  public Metrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
  }

  private static Duration[] millis(int... bounds) {
    Duration[] durations = new Duration[bounds.length];
    for (int i = 0; i < bounds.length; i++) {
      durations[i] = Duration.ofMillis(bounds[i]);
    }
    return durations;
  }

  MeterRegistry registry() {
    return registry;
  }

  /** Everything in the text format that Prometheus asks for. */
  String scrape() {
    return registry.scrape(TEXT);
  }

  static String contentType() {
    return TEXT;
  }

  /** Bytes delivered to clients so far, all sites. */
  long delivered(Provenance from) {
    return (long)
        registry.find("swarmgate.delivered").tag("source", from.label()).counters().stream()
            .mapToDouble(Counter::count)
            .sum();
  }

  /** Bytes that origins have sent so far. */
  long fetched() {
    return (long)
        registry.find("swarmgate.origin.received").counters().stream()
            .mapToDouble(Counter::count)
            .sum();
  }

  /**
   * Adds a figure that is looked up when it is asked for.
   *
   * @param unit of the figure, {@code bytes} for one; null if it is a count
   */
  <T> void gauge(
      String name, String help, @Nullable String unit, Supplier<T> of, Function<T, Number> value) {
    Gauge.builder(name, () -> value.apply(of.get()))
        .description(help)
        .baseUnit(unit)
        .register(registry);
  }

  /** Adds a sum that is looked up when it is asked for, and never falls. */
  <T> void sum(
      String name, String help, @Nullable String unit, Supplier<T> of, ToDoubleFunction<T> value) {
    // Micrometer doesn't hold on to what it looks up sums in.
    kept.add(of);
    FunctionCounter.builder(name, of, supplier -> value.applyAsDouble(supplier.get()))
        .description(help)
        .baseUnit(unit)
        .register(registry);
  }

  private Counter counter(String name, String help, @Nullable String unit, String... tags) {
    return Counter.builder(name).description(help).baseUnit(unit).tags(tags).register(registry);
  }

  private Timer waits(String name, String help, String... tags) {
    return Timer.builder(name)
        .description(help)
        .tags(tags)
        .serviceLevelObjectives(WAITS)
        .register(registry);
  }

  @Override
  public void answered(String site, Answer answer) {
    Objects.requireNonNull(site(site).answered().get(answer)).increment();
  }

  @Override
  public void firstByte(String site, Duration waited) {
    site(site).firstByte().record(waited);
  }

  @Override
  public void stalled(String site, Duration waited) {
    site(site).stall().record(waited);
  }

  @Override
  public void delivered(String site, Provenance from, long bytes) {
    Objects.requireNonNull(site(site).delivered().get(from)).increment(bytes);
  }

  private SiteMeters site(String name) {
    return sites.computeIfAbsent(name, this::metersOf);
  }

  private SiteMeters metersOf(String site) {
    Map<Answer, Counter> answered = new EnumMap<>(Answer.class);
    for (Answer answer : Answer.values()) {
      answered.put(
          answer,
          counter(
              "swarmgate.requests",
              "Requests by how they were answered",
              null,
              "site",
              site,
              "answer",
              answer.label()));
    }
    Map<Provenance, Counter> delivered = new EnumMap<>(Provenance.class);
    for (Provenance from : Provenance.values()) {
      delivered.put(
          from,
          counter(
              "swarmgate.delivered",
              "Content given to clients, by where it came from",
              "bytes",
              "site",
              site,
              "source",
              from.label()));
    }
    return new SiteMeters(
        answered,
        delivered,
        waits(
            "swarmgate.first.byte", "Time from a range's request to its first byte", "site", site),
        waits("swarmgate.stall", "Waits of a response under way for its next byte", "site", site));
  }

  @Override
  public void aborted(String site, String reason) {
    counter("swarmgate.responses.aborted", "Responses that failed", null, "site", site).increment();
  }

  @Override
  public void fellBack(String torrent, int piece, Duration waited) {
    counter("swarmgate.fallbacks", "Pieces asked of an origin, peers being too slow", null)
        .increment();
  }

  @Override
  public void pieceFailed(String torrent, int piece, String senders) {
    counter("swarmgate.hash.failures", "Pieces from peers that failed their hash", null)
        .increment();
  }

  @Override
  public void banned(String peer, Duration time, String reason) {
    counter("swarmgate.bans", "Bans of peers", null).increment();
  }

  @Override
  public void evicted(String torrent, int pieces) {
    counter("swarmgate.evicted.pieces", "Pieces deleted to make room", null).increment(pieces);
  }

  @Override
  public void originAnswered(String origin, int status, Duration latency) {
    waits(
            "swarmgate.origin.latency",
            "Time from a request to an origin to its answer's head",
            "origin",
            origin,
            "status",
            status / 100 + "xx")
        .record(latency);
  }

  @Override
  public void originFailed(String origin, String reason) {
    counter("swarmgate.origin.failures", "Requests no answer came to", null, "origin", origin)
        .increment();
  }

  @Override
  public void originSent(String origin, long bytes) {
    counter("swarmgate.origin.received", "Bytes that origins sent", "bytes", "origin", origin)
        .increment(bytes);
  }

  @Override
  public void close() {
    registry.close();
  }

  /**
   * What each request or each slice of it counts in, held since the registry is slow to find it.
   */
  private record SiteMeters(
      Map<Answer, Counter> answered,
      Map<Provenance, Counter> delivered,
      Timer firstByte,
      Timer stall) {}
}
