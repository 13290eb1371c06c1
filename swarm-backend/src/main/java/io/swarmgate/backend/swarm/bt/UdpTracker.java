package io.swarmgate.backend.swarm.bt;

import io.swarmgate.backend.swarm.Announce;
import io.swarmgate.backend.swarm.Announced;
import io.swarmgate.backend.swarm.Tracker;
import io.swarmgate.backend.swarm.TrackerRefusedException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A tracker spoken to over UDP (BEP 15, BEP 41). Each announce has a socket of its own and begins
 * with a connect, as it comes minutes after the one before and a connection id lasts one.
 *
 * <p>bt's client can't be used: it waits for an answer without a time-out, on the one thread it has
 * for a tracker, so that a lost datagram silences it for good; it sends no {@code ip} and reads no
 * IPv6 peers.
 */
final class UdpTracker implements Tracker {
  private static final long MAGIC = 0x41727101980L;
  private static final int CONNECT = 0;
  private static final int ANNOUNCE = 1;
  private static final int ERROR = 3;
  private static final int MAX_DATAGRAM = 8192;
  private static final int URL_DATA = 2;

  /** How long each try waits for its answer; BEP 15's 15 s and more are long for an edge. */
  private static final int[] TRIES_MILLIS = {2_000, 4_000, 8_000};

  private final URI url;
  private final Executor pool;
  private final int[] triesMillis;

  UdpTracker(URI url, Executor pool) {
    this(url, pool, TRIES_MILLIS);
  }

  UdpTracker(URI url, Executor pool, int... triesMillis) {
    this.url = url;
    this.pool = pool;
    this.triesMillis = triesMillis;
  }

  @Override
  public CompletionStage<Announced> announce(Announce announce) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return exchange(announce);
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        },
        pool);
  }

  private Announced exchange(Announce announce) throws IOException {
    InetSocketAddress tracker = new InetSocketAddress(host(), url.getPort());
    if (tracker.isUnresolved()) {
      throw new IOException("its name has no address");
    }
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(tracker);
      ByteBuffer connect = ByteBuffer.allocate(16).putLong(MAGIC).putInt(CONNECT);
      long connection = ask(socket, connect, CONNECT, 8).getLong();
      ByteBuffer answer = ask(socket, request(connection, announce), ANNOUNCE, 12);
      Duration interval = Duration.ofSeconds(Math.max(0, answer.getInt()));
      answer.position(answer.position() + 8);
      byte[] peers = new byte[answer.remaining()];
      answer.get(peers);
      List<InetSocketAddress> found =
          tracker.getAddress() instanceof Inet6Address
              ? CompactPeers.ipv6(peers)
              : CompactPeers.ipv4(peers);
      return new Announced(found, interval, Duration.ZERO);
    }
  }

  private String host() {
    return url.getHost().replaceAll("[\\[\\]]", "");
  }

  private ByteBuffer request(long connection, Announce announce) {
    byte[] target = target();
    ByteBuffer out = ByteBuffer.allocate(98 + target.length + 2 * (1 + target.length / 255));
    out.putLong(connection).putInt(ANNOUNCE).putInt(0);
    out.put(announce.infoHash().bytes()).put(announce.peerId().bytes());
    out.putLong(announce.downloaded()).putLong(announce.left()).putLong(announce.uploaded());
    out.putInt(announce.event().code());
    InetAddress ip = Trackers.address(announce.host()).orElse(null);
    out.put(ip instanceof Inet4Address ? ip.getAddress() : new byte[4]);
    out.putInt(announce.key()).putInt(announce.want()).putShort((short) announce.port());
    for (int at = 0; at < target.length; at += 255) {
      int length = Math.min(255, target.length - at);
      out.put((byte) URL_DATA).put((byte) length).put(target, at, length);
    }
    return out;
  }

  /** Path and query, which some trackers know their users by (BEP 41). */
  private byte[] target() {
    String path = url.getRawPath() == null ? "" : url.getRawPath();
    String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    return target.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Sends a request, whose transaction id goes to offset 12, until an answer comes.
   *
   * @param least bytes expected after the answer's head
   */
  private ByteBuffer ask(DatagramSocket socket, ByteBuffer request, int action, int least)
      throws IOException {
    int transaction = ThreadLocalRandom.current().nextInt();
    request.putInt(12, transaction);
    // A connect request ends with the id, which has not moved its position.
    int length = Math.max(16, request.position());
    for (int millis : triesMillis) {
      socket.send(new DatagramPacket(request.array(), request.arrayOffset(), length));
      ByteBuffer answer = receive(socket, transaction, millis);
      if (answer != null) {
        int got = answer.getInt(0);
        answer.position(8);
        if (got == ERROR) {
          byte[] reason = new byte[answer.remaining()];
          answer.get(reason);
          throw new TrackerRefusedException(HttpTracker.printable(reason));
        }
        if (got != action || answer.remaining() < least) {
          throw new IOException("expected an answer to action " + action + ", got " + got);
        }
        return answer;
      }
    }
    throw new IOException("expected an answer, got none in " + triesMillis.length + " tries");
  }

  private static @Nullable ByteBuffer receive(DatagramSocket socket, int transaction, int millis)
      throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (true) {
      DatagramPacket packet = new DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return null;
      }
      socket.setSoTimeout((int) left);
      try {
        socket.receive(packet);
      } catch (SocketTimeoutException e) {
        return null;
      }
      ByteBuffer answer = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
      if (answer.remaining() >= 8 && answer.getInt(4) == transaction) {
        return answer;
      }
    }
  }

  @Override
  public String toString() {
    return Trackers.name(url);
  }
}
