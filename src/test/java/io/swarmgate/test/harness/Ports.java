package io.swarmgate.test.harness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports for what can't choose one by itself. */
public final class Ports {
  private Ports() {}

  /** A port of the loopback address on which nothing listened just now. */
  public static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
