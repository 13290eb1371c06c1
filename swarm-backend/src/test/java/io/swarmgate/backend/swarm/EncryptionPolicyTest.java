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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which engines understand each other. */
// Some wait for seconds until a connection is given up.
@Execution(ExecutionMode.CONCURRENT)
class EncryptionPolicyTest {
  private final byte[] content = content(11, 60 * PIECE + 123);
  private final Metainfo metainfo = metainfo(content);
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
    LoopSwarmEngine seed = seed(accepts);
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
    LoopSwarmEngine seed = seed(Encryption.REQUIRE);
    List<Socket> flood = new ArrayList<>();
    try {
      byte[] key = new byte[MseKey.SIZE];
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

  @Test
  void aPlainHandshakeIsNotAnsweredWhereEncryptionIsRequired() throws Exception {
    LoopSwarmEngine seed = seed(Encryption.REQUIRE);
    assertThat(answerTo(seed, plainHandshake())).isEmpty();
  }

  @Test
  void anMseHandshakeIsNotAnsweredWhereEncryptionIsOff() throws Exception {
    LoopSwarmEngine seed = seed(Encryption.OFF);
    assertThat(answerTo(seed, new MseByHand(metainfo.infoHash()).publicKey())).isEmpty();
  }

  /** Shorter than a public key, it ends with the time for a handshake. */
  @ParameterizedTest
  @ValueSource(ints = {20, 700})
  void aHandshakeAfterGarbageEndsTheConnection(int garbage) throws Exception {
    LoopSwarmEngine seed = seed(Encryption.PREFER);
    byte[] bytes = new byte[garbage + Handshake.SIZE];
    new Random(3).nextBytes(bytes);
    System.arraycopy(plainHandshake(), 0, bytes, garbage, Handshake.SIZE);
    assertThat(answerTo(seed, bytes).length)
        .as("a public key and padding at most")
        .isLessThanOrEqualTo(MseKey.SIZE + MseHandshake.MAX_PADDING);

    LoopSwarmEngine leech = engine(Encryption.PREFER, seed.address());
    leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    assertThat(SwarmTestKit.readAll(leech, metainfo)).isEqualTo(content);
  }

  @Test
  void garbageAfterMseEndsTheConnection() throws Exception {
    LoopSwarmEngine seed = seed(Encryption.PREFER);
    MseByHand dialler = new MseByHand(metainfo.infoHash());
    try (Socket socket = connect(seed)) {
      socket.getOutputStream().write(dialler.publicKey());
      byte[] key = socket.getInputStream().readNBytes(MseKey.SIZE);
      dialler.agree(ByteBuffer.wrap(key));
      socket.getOutputStream().write(dialler.offer(0, MseHandshake.RC4, 9, new byte[68]));
      // The rest of its padding and what it chose, then the end.
      assertThat(untilTheEnd(socket).length)
          .isLessThanOrEqualTo(2 * MseHandshake.MAX_PADDING + MseHandshake.VC_SIZE + 6);
    }
  }

  private LoopSwarmEngine seed(Encryption encryption) throws Exception {
    LoopSwarmEngine seed = engine(encryption);
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    return seed;
  }

  private byte[] plainHandshake() {
    return Handshake.ours(metainfo.infoHash(), PeerId.random()).encode().array();
  }

  private static byte[] answerTo(LoopSwarmEngine engine, byte[] bytes) throws IOException {
    try (Socket socket = connect(engine)) {
      socket.getOutputStream().write(bytes);
      return untilTheEnd(socket);
    }
  }

  private static Socket connect(LoopSwarmEngine engine) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(60_000);
    socket.connect(engine.address());
    return socket;
  }

  /** What comes until the connection ends; the end may be a reset. */
  private static byte[] untilTheEnd(Socket socket) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      for (int next = socket.getInputStream().read();
          next >= 0;
          next = socket.getInputStream().read()) {
        all.write(next);
      }
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
    return all.toByteArray();
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
