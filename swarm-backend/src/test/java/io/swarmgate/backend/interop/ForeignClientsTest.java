package io.swarmgate.backend.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.SwarmBackend;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.swarm.EngineConfig;
import io.swarmgate.backend.swarm.LoopSwarmEngine;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestRequest;
import io.swarmgate.backend.testing.TorrentMaker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Other BitTorrent programs as seeds of a catalogue node. */
// Each waits for seconds until another program does something by its own timer.
@Execution(ExecutionMode.CONCURRENT)
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
      awaitSeed(node, "/d/x.bin");
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
      awaitSeed(node, "/d/set/one.bin");
      byte[] two = files.get("sub/two.bin");
      assertThat(read(node, "/d/set/sub/two.bin", 299_000, 300_003))
          .isEqualTo(Arrays.copyOfRange(two, 299_000, 300_003));
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        assertThat(Reading.all(serve(node, "/d/set/" + file.getKey()))).isEqualTo(file.getValue());
      }
    }
  }

  private ForeignClient start(ForeignClient.Program program, Path torrent, Path data)
      throws Exception {
    return ForeignClient.start(
        program, ForeignClient.Speech.USUAL, base.resolve("client"), torrent, data);
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

  /** A program may listen long before it has looked through its files. */
  private static void awaitSeed(SwarmBackend node, String path) {
    await()
        .atMost(Duration.ofMinutes(2))
        .ignoreException(StalledException.class)
        .until(() -> read(node, path, 0, 1).length == 1);
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
