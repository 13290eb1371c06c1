package io.swarmgate.filter.doctor;

import io.swarmgate.backend.config.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Checks whether peers can be connected to. */
public final class Reach {
  private static final int TIMEOUT_MILLIS = 2_000;

  /** Peers that are tried, so that a dead network doesn't take minutes. */
  private static final int MOST = 16;

  private Reach() {}

  /** Connects to each of the first peers and hangs up; blocks for at most 2 s for each. */
  public static List<Finding> of(List<HostPort> peers) {
    if (peers.isEmpty()) {
      return List.of(
          Finding.note("peers", "none configured", "name the other nodes in peers, or a tracker"));
    }
    List<String> failed = new ArrayList<>();
    List<HostPort> tried = peers.subList(0, Math.min(MOST, peers.size()));
    for (HostPort peer : tried) {
      try (Socket socket = new Socket()) {
        InetAddress address = InetAddress.getByName(peer.host());
        socket.connect(new InetSocketAddress(address, peer.port()), TIMEOUT_MILLIS);
      } catch (IOException e) {
        failed.add(peer + " (" + e.getMessage() + ")");
      }
    }
    String found = tried.size() - failed.size() + " of " + tried.size() + " can be connected to";
    return List.of(
        failed.isEmpty()
            ? Finding.good("peers", found)
            : Finding.warning(
                "peers",
                found + "; not " + String.join(", ", failed),
                "see that the node runs there, that peerHost is an address others reach, and that"
                    + " no firewall stands between"));
  }
}
