package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which engines understand each other. */
class EncryptionPolicyTest {
  private static final int PIECE = 32 << 10;

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
    byte[] content = content();
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
        assertThat(read(reader, content.length)).isEqualTo(content);
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
    byte[] content = content();
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
        assertThat(read(reader, content.length)).isEqualTo(content);
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

  private static byte[] content() {
    byte[] content = new byte[60 * PIECE + 123];
    new Random(11).nextBytes(content);
    return content;
  }

  private static Metainfo metainfo(byte[] content) throws Exception {
    PieceLayout layout = new PieceLayout(content.length, PIECE);
    ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    for (int piece = 0; piece < layout.pieceCount(); piece++) {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(content, (int) layout.start(piece), layout.length(piece));
      hashes.write(sha1.digest());
    }
    byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(content);
    return new BtMetainfoCodec()
        .encode("content.bin", layout, hashes.toByteArray(), sha256, new byte[0]);
  }

  private static byte[] read(ContentReader reader, int length) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (out.size() < length) {
      Slice slice = reader.poll(out.size(), length - out.size());
      if (slice == null) {
        CountDownLatch ready = new CountDownLatch(1);
        reader.onReady(ready::countDown);
        assertThat(ready.await(20, TimeUnit.SECONDS)).isTrue();
        continue;
      }
      byte[] bytes = new byte[slice.buffer().remaining()];
      slice.buffer().get(bytes);
      slice.close();
      out.write(bytes);
    }
    return out.toByteArray();
  }
}
