package io.swarmgate.filter.node;

import io.swarmgate.backend.config.Cidr;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many responses are under way, of each client and in all, and how many may be. A client is an
 * IPv4 address, or the 64-bit network of an IPv6 address, all of which one host commonly has to
 * itself. Loopback addresses are no client: behind them stands a proxy of this machine.
 * Thread-safe.
 */
final class ResponseLimits {
  private static final int NETWORK_BYTES = 8;

  private final int most;
  private final int mostPerClient;
  private final AtomicInteger all = new AtomicInteger();
  private final Map<String, Integer> clients = new ConcurrentHashMap<>();

  private volatile boolean aborted;

  /**
   * Sets the limits.
   *
   * @param most responses in all; 0 for no limit
   * @param mostPerClient responses to one client; 0 for no limit
   */
  ResponseLimits(int most, int mostPerClient) {
    this.most = most;
    this.mostPerClient = mostPerClient;
  }

  /** Lets no response that is under way go on. Of any thread. */
  void abort() {
    aborted = true;
  }

  /** Responses under way. Of any thread. */
  int count() {
    return all.get();
  }

  /**
   * Takes a place for one response.
   *
   * @param address the client's, as text
   * @return to be given back once the response is over; null if there is none left
   */
  @Nullable Place take(String address) {
    if (all.incrementAndGet() > most && most > 0) {
      all.decrementAndGet();
      return null;
    }
    String client = mostPerClient > 0 ? client(address) : "";
    if (!client.isEmpty() && clients.merge(client, 1, Integer::sum) > mostPerClient) {
      leave(client);
      all.decrementAndGet();
      return null;
    }
    return new Place(client, new AtomicInteger());
  }

  private void leave(String client) {
    clients.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
  }

  /** Whom an address is counted for; empty for nobody. */
  private static String client(String address) {
    if (address.indexOf(':') < 0) {
      return address.startsWith("127.") ? "" : address;
    }
    InetAddress parsed = Cidr.address(address).orElse(null);
    if (parsed == null) {
      return address;
    }
    if (parsed.isLoopbackAddress()) {
      return "";
    }
    return parsed instanceof Inet6Address
        ? HexFormat.of().formatHex(Arrays.copyOf(parsed.getAddress(), NETWORK_BYTES))
        : parsed.getHostAddress();
  }

  /** One holding of a response's place. With the last one of it the place is given back. */
  final class Place {
    private final String client;
    private final AtomicInteger holdings;
    private final AtomicBoolean ended = new AtomicBoolean();

    private Place(String client, AtomicInteger holdings) {
      this.client = client;
      this.holdings = holdings;
      holdings.incrementAndGet();
    }

    /** Another holding; this one must not have ended. */
    Place share() {
      return new Place(client, holdings);
    }

    /** Fails if the response may not go on. */
    void check() throws IOException {
      if (aborted) {
        throw new IOException("the node stops");
      }
    }

    /** Ends this holding. Idempotent, from any thread. */
    void giveBack() {
      if (ended.compareAndSet(false, true) && holdings.decrementAndGet() == 0) {
        if (!client.isEmpty()) {
          leave(client);
        }
        all.decrementAndGet();
      }
    }
  }
}
