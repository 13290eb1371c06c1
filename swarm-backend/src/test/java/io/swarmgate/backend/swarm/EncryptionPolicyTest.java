package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which engines understand each other. */
class EncryptionPolicyTest {
  private final List<SwarmEngine> engines = new ArrayList<>();

  @AfterEach
  void stop() {
    engines.forEach(SwarmEngine::close);
  }

  @ParameterizedTest
  @CsvSource({
    "REQUIRE, REQUIRE, true",
    "REQUIRE, PREFER, true",
    "REQUIRE, OFF, false",
    "PREFER, REQUIRE, true",
    "PREFER, PREFER, true",
    "PREFER, OFF, true",
    "OFF, REQUIRE, false",
    "OFF, PREFER, true",
    "OFF, OFF, true"
  })
  void enginesConnectIfTheirPoliciesMeet(Encryption dials, Encryption accepts, boolean connects)
      throws Exception {
    byte[] content = content(11, 60 * PIECE + 123);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine seed = engine(accepts);
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    LoopSwarmEngine leech = engine(dials, seed.address());
    leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    ReadPolicy policy =
        new ReadPolicy(
            Duration.ZERO, connects ? Duration.ofSeconds(20) : Duration.ofSeconds(2), piece -> {});
    try (ContentReader reader = leech.join(metainfo.infoHash()).reader(policy)) {
      if (connects) {
        assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
      } else {
        assertThat(reader.poll(0, 10)).isNull();
        await()
            .during(Duration.ofSeconds(1))
            .until(() -> leech.downloaded() == 0 && seed.uploaded() == 0);
      }
    }
  }

  @Test
  void halfOpenConnectionsKeepNoHealthyPeerOut() throws Exception {
    byte[] content = content(11, 60 * PIECE + 123);
    Metainfo metainfo = metainfo(content);
    LoopSwarmEngine seed = engine(Encryption.REQUIRE);
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    List<Socket> flood = new ArrayList<>();
    try {
      byte[] key = new byte[MseHandshake.KEY_SIZE];
      new Random(2).nextBytes(key);
      key[0] = 1;
      for (int i = 0; i < 50; i++) {
        Socket socket = new Socket();
        socket.connect(seed.address());
        socket.getOutputStream().write(key, 0, i % 2 == 0 ? key.length : 50);
        flood.add(socket);
      }
      LoopSwarmEngine leech = engine(Encryption.REQUIRE, seed.address());
      leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
      try (ContentReader reader = leech.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
        assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
      }
    } finally {
      for (Socket socket : flood) {
        socket.close();
      }
    }
  }

  private LoopSwarmEngine engine(Encryption encryption, InetSocketAddress... peers)
      throws Exception {
    LoopSwarmEngine engine =
        new LoopSwarmEngine(
            EngineConfig.listeningAt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withPeers(() -> List.of(peers))
                .withPieceMemory(8 << 20)
                .withEncryption(encryption));
    engines.add(engine);
    engine.start();
    return engine;
  }
}
