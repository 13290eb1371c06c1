package io.swarmgate.test.harness;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for what can't choose one by itself. */
public final class Ports {
  /** Linux gives sockets that ask for any port, in whatever process, one from 32768 on. */
  private static final int END = 32768;

  private static final int BEGIN = 16384;

  private Ports() {}

  /** A port that was free for TCP and UDP a moment ago, and that chance gives to nobody else. */
  public static int free() throws IOException {
    InetAddress any = InetAddress.getByName("0.0.0.0");
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(BEGIN, END);
      try (ServerSocket tcp = new ServerSocket(port, 1, any);
          DatagramSocket udp = new DatagramSocket(tcp.getLocalPort(), any)) {
        return udp.getLocalPort();
      } catch (BindException e) {
        // Taken: another.
      }
    }
  }
}
