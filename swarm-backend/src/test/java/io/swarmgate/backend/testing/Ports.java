package io.swarmgate.backend.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Ports for what can't choose one by itself, or must find nobody there. Each process that asks gets
 * a block of them, which it holds by listening on its first: so neither tests that run at the same
 * time nor two calls, but for hundreds between them, are given the same one. Thread-safe.
 */
public final class Ports {
  /** Linux gives sockets that ask for any port, in whatever process, one from 32768 on. */
  private static final int END = 32768;

  private static final int BEGIN = 16384;
  private static final int BLOCK = 256;
  private static final int BLOCKS = (END - BEGIN) / BLOCK;

  private static @Nullable ServerSocket claim;
  private static int given;

  private Ports() {}

  /** A port that was free for TCP and UDP a moment ago, and that chance gives to nobody else. */
  public static synchronized int free() throws IOException {
    if (claim == null) {
      claim = claim();
    }
    InetAddress any = InetAddress.getByName("0.0.0.0");
    while (true) {
      int port = claim.getLocalPort() + 1 + given++ % (BLOCK - 1);
      try (ServerSocket tcp = new ServerSocket(port, 1, any);
          DatagramSocket udp = new DatagramSocket(tcp.getLocalPort(), any)) {
        return udp.getLocalPort();
      } catch (BindException e) {
        // Taken: another.
      }
    }
  }

  /** Left open until the process ends. */
  private static ServerSocket claim() throws IOException {
    int first = ThreadLocalRandom.current().nextInt(BLOCKS);
    for (int i = 0; i < BLOCKS; i++) {
      int port = BEGIN + (first + i) % BLOCKS * BLOCK;
      try {
        return new ServerSocket(port, 1, InetAddress.getByName("0.0.0.0"));
      } catch (BindException e) {
        // Another process has that block.
      }
    }
    throw new IOException("no block of ports is free");
  }
}
