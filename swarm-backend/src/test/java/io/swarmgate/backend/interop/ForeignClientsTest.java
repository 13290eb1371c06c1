package io.swarmgate.backend.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.SwarmBackend;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.swarm.EngineConfig;
import io.swarmgate.backend.swarm.LoopSwarmEngine;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.Swarm;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import io.swarmgate.backend.testing.MemoryStore;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestRequest;
import io.swarmgate.backend.testing.TorrentMaker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Other BitTorrent programs, as seeds of a catalogue node and as leeches of ours. */
@Tag("interop")
class ForeignClientsTest {
  private static final int PIECE = 64 << 10;

  @TempDir Path base;

  @ParameterizedTest
  @EnumSource
  void aCatalogueServesASingleFileFromIt(ForeignClient.Program program) throws Exception {
    byte[] content = bytes(1, 3_000_001);
    Path torrent = torrent("x.bin", TorrentMaker.single("x.bin", content, PIECE));
    Path data = Files.createDirectories(base.resolve("data"));
    Files.write(data.resolve("x.bin"), content);
    try (ForeignClient seed = start(program, torrent, data);
        SwarmBackend node = catalogue(seed)) {
      assertThat(read(node, "/d/x.bin", 1_234_567, 1_500_000))
          .isEqualTo(Arrays.copyOfRange(content, 1_234_567, 1_500_000));
      assertThat(Reading.all(serve(node, "/d/x.bin"))).isEqualTo(content);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCatalogueServesFilesOfADirectoryFromIt(ForeignClient.Program program) throws Exception {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("one.bin", bytes(1, 100_001));
    files.put("sub/two.bin", bytes(2, 300_003));
    files.put("sub/three.bin", bytes(3, 17));
    files.put("four.bin", bytes(4, 500_000));
    Path torrent = torrent("set", TorrentMaker.multi("set", files, PIECE));
    Path data = base.resolve("data");
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = data.resolve("set").resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    try (ForeignClient seed = start(program, torrent, data);
        SwarmBackend node = catalogue(seed)) {
      byte[] two = files.get("sub/two.bin");
      assertThat(read(node, "/d/set/sub/two.bin", 299_000, 300_003))
          .isEqualTo(Arrays.copyOfRange(two, 299_000, 300_003));
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        assertThat(Reading.all(serve(node, "/d/set/" + file.getKey()))).isEqualTo(file.getValue());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "TRANSMISSION")
  void itDownloadsFromOurEngine(ForeignClient.Program program) throws Exception {
    byte[] content = bytes(5, 3_000_001);
    byte[] encoded = TorrentMaker.single("y.bin", content, PIECE);
    Path torrent = torrent("y.bin", encoded);
    Metainfo metainfo = new BtMetainfoCodec().decode(encoded);
    Path data = Files.createDirectories(base.resolve("data"));
    try (ForeignClient leech = start(program, torrent, data);
        LoopSwarmEngine engine =
            new LoopSwarmEngine(
                EngineConfig.listeningAt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .withPeers(() -> List.of(leech.address())))) {
      engine.start();
      MemoryStore store = MemoryStore.allBut(0, metainfo, content);
      engine.add(metainfo.infoHash(), () -> store);
      // Who misses nothing dials nobody, and the client has nobody to learn our address from.
      Swarm swarm = engine.join(metainfo.infoHash());
      ReadPolicy patient = new ReadPolicy(Duration.ZERO, Duration.ofMinutes(2), piece -> {});
      try (ContentReader reader = swarm.reader(patient)) {
        assertThat(reader.poll(0, 1)).isNull();
        await()
            .atMost(Duration.ofSeconds(45))
            .until(() -> engine.uploaded() >= content.length - PIECE);
        swarm.offer(0, ByteBuffer.wrap(content, 0, PIECE));
      }
      await()
          .atMost(Duration.ofSeconds(45))
          .until(() -> engine.uploaded() >= content.length && isThere(data, content));
    }
  }

  private static boolean isThere(Path data, byte[] content) throws Exception {
    Path file = data.resolve("y.bin");
    return Files.exists(file) && Arrays.equals(Files.readAllBytes(file), content);
  }

  private ForeignClient start(ForeignClient.Program program, Path torrent, Path data)
      throws Exception {
    Path home = Files.createDirectories(base.resolve("client"));
    ForeignClient client = ForeignClient.start(program, home, torrent, data);
    try {
      await().atMost(Duration.ofSeconds(30)).until(client::isListening);
      return client;
    } catch (RuntimeException | Error e) {
      String log = client.log();
      client.close();
      throw new AssertionError(log, e);
    }
  }

  private Path torrent(String name, byte[] encoded) throws Exception {
    Path file = base.resolve("torrents/d/" + name + ".torrent");
    Files.createDirectories(file.getParent());
    return Files.write(file, encoded);
  }

  private SwarmBackend catalogue(ForeignClient seed) throws Exception {
    SwarmBackendConfig config =
        SwarmBackendConfig.parse(
            Map.of("patterns", "/d/*", "catalog", "torrents", "storeMax", "64MiB"), base);
    SwarmBackend node =
        new SwarmBackend(
            config,
            new BtMetainfoCodec(),
            parsed ->
                new LoopSwarmEngine(
                    EngineConfig.listeningAt(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .withPeers(() -> List.of(seed.address()))));
    node.start();
    return node;
  }

  private static byte[] read(SwarmBackend node, String path, int from, int to) throws Exception {
    byte[] bytes = new byte[to - from];
    try (Representation file = serve(node, path);
        ContentReader reader = file.reader()) {
      reader.expect(new ByteSpan(from, to));
      for (int at = from; at < to; ) {
        Slice slice = reader.poll(at, to - at);
        if (slice == null) {
          CountDownLatch ready = new CountDownLatch(1);
          reader.onReady(ready::countDown);
          assertThat(ready.await(30, TimeUnit.SECONDS)).isTrue();
        } else {
          int length = slice.buffer().remaining();
          slice.buffer().get(bytes, at - from, length);
          slice.close();
          at += length;
        }
      }
    }
    return bytes;
  }

  private static Representation serve(SwarmBackend node, String path) {
    Outcome outcome = Reading.await(node.open(TestRequest.get(path)));
    assertThat(outcome).isInstanceOf(Outcome.Serve.class);
    return ((Outcome.Serve) outcome).representation();
  }

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
