package io.swarmgate.filter.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node in JMX: its state, and each of its metrics by the name that it has for Prometheus, as
 * MBeans of the JVM's own server. They only tell; what is done to a node goes by way of the admin
 * listener, where it is audited. Thread-safe.
 */
public final class MBeans implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MBeans.class);
  private static final String DOMAIN = "io.swarmgate";

  /** What {@code /health} tells, and a little more. */
  public interface NodeMXBean {
    /** Of Swarmgate. */
    String getVersion();

    /** {@code ok}, {@code warning} or {@code failing}. */
    String getHealth();

    /** Why clients shouldn't be sent to the node; empty if they may. */
    List<String> getReasons();

    /** What else is worth a look. */
    List<String> getWarnings();

    /** Whether it is being drained. */
    boolean isDraining();

    /** Responses under way. */
    int getResponses();
  }

  /** A counter or a gauge. */
  public interface FigureMXBean {
    /** What it counts; the name ends in its unit. */
    double getValue();
  }

  /** A histogram of waits. */
  public interface WaitsMXBean {
    /** How many there were. */
    long getCount();

    /** All of them together. */
    double getTotalSeconds();

    /** How many lasted no longer than so many seconds. */
    Map<Double, Long> getBuckets();
  }

  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
  private final String node;
  private final Set<ObjectName> registered = new HashSet<>();
  private boolean closed;

  private MBeans(Path store) {
    this.node = ObjectName.quote(store.toString());
  }

  /**
   * Registers a node's beans, and those of metrics that appear later. What can't be registered is
   * logged, and missing.
   *
   * @param store the node's directory, which tells it from others of this JVM: no two can have it
   */
  public static MBeans register(ManagedNode node, Watch watch, Path store) {
    MBeans beans = new MBeans(store);
    beans.add("type=Node", state(node), NodeMXBean.class);
    MeterRegistry meters = watch.metrics().registry();
    meters.config().onMeterAdded(meter -> beans.add(meters, meter));
    meters.getMeters().forEach(meter -> beans.add(meters, meter));
    return beans;
  }

  private static NodeMXBean state(ManagedNode node) {
    Health health = new Health(node);
    return new NodeMXBean() {
      @Override
      public String getVersion() {
        return Overview.version();
      }

      @Override
      public String getHealth() {
        return health.view().status();
      }

      @Override
      public List<String> getReasons() {
        return health.view().reasons();
      }

      @Override
      public List<String> getWarnings() {
        return health.view().warnings();
      }

      @Override
      public boolean isDraining() {
        return node.isDraining();
      }

      @Override
      public int getResponses() {
        return node.responses();
      }
    };
  }

  private void add(MeterRegistry meters, Meter meter) {
    Meter.Id id = meter.getId();
    if (!id.getName().startsWith("swarmgate.")) {
      // The JVM's own are beans of its own.
      return;
    }
    StringBuilder key = new StringBuilder("type=Metric,name=");
    key.append(id.getConventionName(meters.config().namingConvention()));
    if (id.getType() == Meter.Type.COUNTER) {
      key.append("_total");
    }
    for (Tag tag : id.getTags()) {
      key.append(',').append(tag.getKey()).append('=').append(ObjectName.quote(tag.getValue()));
    }
    if (meter instanceof Timer timer) {
      add(key.toString(), waits(timer), WaitsMXBean.class);
    } else if (meter instanceof Counter counter) {
      add(key.toString(), figure(counter::count), FigureMXBean.class);
    } else if (meter instanceof FunctionCounter sum) {
      add(key.toString(), figure(sum::count), FigureMXBean.class);
    } else if (meter instanceof Gauge gauge) {
      add(key.toString(), figure(gauge::value), FigureMXBean.class);
    }
  }

  private static FigureMXBean figure(DoubleSupplier value) {
    return value::getAsDouble;
  }

  private static WaitsMXBean waits(Timer timer) {
    return new WaitsMXBean() {
      @Override
      public long getCount() {
        return timer.count();
      }

      @Override
      public double getTotalSeconds() {
        return timer.totalTime(TimeUnit.SECONDS);
      }

      @Override
      public Map<Double, Long> getBuckets() {
        Map<Double, Long> buckets = new TreeMap<>();
        for (CountAtBucket bucket : timer.takeSnapshot().histogramCounts()) {
          buckets.put(bucket.bucket(TimeUnit.SECONDS), (long) bucket.count());
        }
        return buckets;
      }
    };
  }

  private synchronized <T> void add(String key, T bean, Class<T> as) {
    try {
      ObjectName name = new ObjectName(DOMAIN + ':' + key + ",node=" + node);
      // A metric may be told of twice, while those that were there before are added.
      if (!closed && !registered.contains(name)) {
        server.registerMBean(new StandardMBean(bean, as, true), name);
        registered.add(name);
      }
    } catch (JMException e) {
      LOG.warn("No MBean for {}: {}", key, e.toString());
    }
  }

  /** Unregisters all of them. Idempotent. */
  @Override
  public synchronized void close() {
    closed = true;
    for (ObjectName name : registered) {
      try {
        server.unregisterMBean(name);
      } catch (JMException e) {
        LOG.warn("The MBean {} stays: {}", name, e.toString());
      }
    }
    registered.clear();
  }
}
