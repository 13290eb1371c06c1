package io.swarmgate.filter.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.config.SwarmBackendConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeersTest {
  private final Map<String, List<String>> names = new HashMap<>();
  private final Queue<Runnable> lookUps = new ArrayDeque<>();

  @TempDir Path base;

  @Test
  void aNameStandsForItsFirstAddressAndWithDnsForAll() throws Exception {
    names.put("a.test", List.of("10.0.0.1", "10.0.0.2"));
    assertThat(peers("a.test:1").resolve()).containsExactly(at("10.0.0.1", 1));
    assertThat(peers("dns:a.test:1").resolve())
        .containsExactly(at("10.0.0.1", 1), at("10.0.0.2", 1));
  }

  @Test
  void anAddressThatDisappearsIsAPeerNoMore() throws Exception {
    names.put("a.test", List.of("10.0.0.1", "10.0.0.2"));
    Peers peers = peers("dns:a.test:1");
    assertThat(peers.resolve()).hasSize(2);
    names.put("a.test", List.of("10.0.0.2"));
    assertThat(peers.resolve()).containsExactly(at("10.0.0.2", 1));
    assertThat(peers.allows(InetAddress.getByName("10.0.0.2"))).isTrue();
    assertThat(peers.allows(InetAddress.getByName("10.0.0.1"))).isFalse();
  }

  @Test
  void aNameWithoutAnAnswerKeepsItsLastAddresses() throws Exception {
    names.put("a.test", List.of("10.0.0.1"));
    names.put("b.test", List.of("10.0.0.2"));
    Peers peers = peers("a.test:1, dns:b.test:2");
    assertThat(peers.resolve()).hasSize(2);
    names.clear();
    assertThat(peers.resolve()).containsExactly(at("10.0.0.1", 1), at("10.0.0.2", 2));
    assertThat(peers.allows(InetAddress.getByName("10.0.0.1"))).isTrue();
  }

  @Test
  void aNameThatNeverHadAnAnswerIsNoPeer() throws Exception {
    assertThat(peers("a.test:1").resolve()).isEmpty();
  }

  @Test
  void anUnknownAddressIsLookedUpElsewhereOneLookUpAtATime() throws Exception {
    names.put("a.test", List.of("10.0.0.1"));
    Peers peers = peers("a.test:1");
    InetAddress address = InetAddress.getByName("10.0.0.1");
    assertThat(peers.allows(address)).isFalse();
    assertThat(peers.allows(address)).isFalse();
    assertThat(lookUps).hasSize(1);

    lookUps.remove().run();

    assertThat(peers.allows(address)).isTrue();
    assertThat(peers.allows(InetAddress.getByName("10.0.0.2"))).isFalse();
    // It was looked for a moment ago.
    assertThat(lookUps).isEmpty();
  }

  private Peers peers(String list) throws Exception {
    Map<String, String> values = Map.of("patterns", "/*", "origin", "http://o.test", "peers", list);
    return new Peers(SwarmBackendConfig.parse(values, base), this::addresses, lookUps::add);
  }

  private InetAddress[] addresses(String host) throws UnknownHostException {
    List<String> found = names.get(host);
    if (found == null) {
      throw new UnknownHostException(host);
    }
    InetAddress[] all = new InetAddress[found.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = InetAddress.getByName(found.get(i));
    }
    return all;
  }

  private static InetSocketAddress at(String host, int port) {
    return new InetSocketAddress(host, port);
  }
}
