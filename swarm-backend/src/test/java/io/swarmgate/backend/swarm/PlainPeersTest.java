package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class PlainPeersTest {
  private final PlainPeers peers = new PlainPeers();

  @Test
  void aPeerIsKnownForAnHourFromWhenItWasFoundOut() {
    peers.add(peer(1), 5);
    peers.add(peer(1), 1_000);
    assertThat(peers.contains(peer(1), 4 + PlainPeers.NANOS)).isTrue();
    assertThat(peers.contains(peer(2), 5)).isFalse();
    assertThat(peers.contains(peer(1), 5 + PlainPeers.NANOS)).isFalse();
    assertThat(peers.contains(peer(1), 5)).as("it was forgotten").isFalse();
  }

  @Test
  void aPeerMayBeForgotten() {
    peers.add(peer(1), 0);
    peers.remove(peer(1));
    assertThat(peers.contains(peer(1), 0)).isFalse();
  }

  @Test
  void ofTooManyTheFirstIsForgotten() {
    for (int i = 0; i <= PlainPeers.MOST; i++) {
      peers.add(peer(1 + i), i);
    }
    assertThat(peers.contains(peer(1), 0)).isFalse();
    assertThat(peers.contains(peer(2), 0)).isTrue();
    assertThat(peers.contains(peer(1 + PlainPeers.MOST), 0)).isTrue();
  }

  private static InetSocketAddress peer(int port) {
    return InetSocketAddress.createUnresolved("peer.example", port);
  }
}
