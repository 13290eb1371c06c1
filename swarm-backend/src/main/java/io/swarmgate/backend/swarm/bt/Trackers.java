package io.swarmgate.backend.swarm.bt;

import io.swarmgate.backend.swarm.Tracker;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes tracker clients from announce URLs. Their threads end when there is nothing to do. */
public final class Trackers {
  private static final Logger LOG = LoggerFactory.getLogger(Trackers.class);
  private static final int THREADS = 8;

  private Trackers() {}

  /**
   * A client for each URL, {@code http}, {@code https} or {@code udp}.
   *
   * @throws IllegalArgumentException for another scheme
   */
  public static List<Tracker> of(List<URI> urls) {
    if (urls.isEmpty()) {
      return List.of();
    }
    Executor pool = pool();
    return urls.stream().map(url -> of(url, pool)).toList();
  }

  private static Tracker of(URI url, Executor pool) {
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "http", "https" -> new HttpTracker(url, pool);
      case "udp" -> new UdpTracker(url, pool);
      default -> throw new IllegalArgumentException("no such kind of tracker: " + scheme);
    };
  }

  private static Executor pool() {
    AtomicInteger count = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "swarmgate-tracker-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** What may be logged of an announce URL. */
  static String name(URI url) {
    return url.getScheme() + "://" + url.getRawAuthority();
  }

  /** The address behind an advertised host, if it has one. May ask the DNS. */
  static Optional<InetAddress> address(String host) {
    if (host.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(host));
    } catch (UnknownHostException e) {
      LOG.debug("peerAdvertise: no address for {}", host, e);
      return Optional.empty();
    }
  }
}
