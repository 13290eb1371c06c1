package io.swarmgate.backend.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.swarm.EngineConfig;
import io.swarmgate.backend.swarm.LoopSwarmEngine;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import io.swarmgate.backend.testing.MemoryStore;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TorrentMaker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An engine of ours and another BitTorrent program, whichever of them dials.
 *
 * <p>libtorrent, and with it qBittorrent, leaves a peer whose last HAVE makes it a seed at a moment
 * when it misses nothing else: it looks whether the peer is of use before it takes the HAVE in. So
 * here nobody waits for a piece that we get only later.
 */
// Each waits for seconds until another program does something by its own timer.
@Execution(ExecutionMode.CONCURRENT)
@Tag("interop")
class ForeignExchangeTest {
  private static final int PIECE = 64 << 10;

  /** Some programs pause for a minute before they dial again. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path base;

  private final byte[] content = content();
  private final byte[] encoded = TorrentMaker.single("y.bin", content, PIECE);
  private final Metainfo metainfo = new BtMetainfoCodec().decode(encoded);

  ForeignExchangeTest() throws Exception {}

  /** Missing a piece, we dial. */
  @ParameterizedTest
  @CsvSource({
    "TRANSMISSION, USUAL, PREFER",
    "TRANSMISSION, USUAL, OFF",
    "TRANSMISSION, RC4, REQUIRE",
    "QBITTORRENT, USUAL, PREFER",
    "QBITTORRENT, USUAL, OFF",
    "QBITTORRENT, PLAINTEXT, PREFER",
    "QBITTORRENT, RC4, REQUIRE",
    "ARIA2, USUAL, PREFER",
    "ARIA2, USUAL, OFF",
    "ARIA2, OBFUSCATED_PLAINTEXT, PREFER",
    "ARIA2, RC4, REQUIRE",
    "LIBTORRENT, USUAL, PREFER",
    "LIBTORRENT, USUAL, OFF",
    "LIBTORRENT, PLAINTEXT, PREFER",
    "LIBTORRENT, OBFUSCATED_PLAINTEXT, PREFER",
    "LIBTORRENT, RC4, REQUIRE"
  })
  void eachGivesWhatTheOtherMisses(
      ForeignClient.Program program, ForeignClient.Speech speech, Encryption ours)
      throws Exception {
    Path data = Files.createDirectories(base.resolve("data"));
    byte[] firstPiece = Arrays.copyOf(content, PIECE);
    Files.write(data.resolve("y.bin"), Arrays.copyOf(firstPiece, content.length));
    try (ForeignClient other = start(program, speech, encoded, data);
        LoopSwarmEngine engine = engine(ours, other.address())) {
      engine.add(metainfo.infoHash(), () -> MemoryStore.allBut(0, metainfo, content));
      ReadPolicy patient = new ReadPolicy(Duration.ZERO, PATIENCE, piece -> {});
      try (ContentReader reader = engine.join(metainfo.infoHash()).reader(patient)) {
        assertThat(reader.poll(0, 1)).isNull();
        // It may listen long before it has looked through its file.
        await().atMost(PATIENCE).until(() -> engine.downloaded() >= PIECE);
        assertThat(Reading.all(reader, content.length)).isEqualTo(content);
      }
      await().atMost(PATIENCE).until(() -> isThere(data));
      await().until(() -> engine.uploaded() >= content.length - PIECE);
    }
  }

  /** Missing nothing, we don't dial. Transmission was not seen to dial a loopback address. */
  @ParameterizedTest
  @CsvSource({
    "QBITTORRENT, USUAL, PREFER",
    "QBITTORRENT, PLAINTEXT, PREFER",
    "QBITTORRENT, RC4, REQUIRE",
    "ARIA2, USUAL, PREFER",
    "ARIA2, USUAL, OFF",
    "ARIA2, OBFUSCATED_PLAINTEXT, PREFER",
    "ARIA2, RC4, REQUIRE",
    "LIBTORRENT, USUAL, PREFER",
    "LIBTORRENT, USUAL, OFF",
    "LIBTORRENT, PLAINTEXT, PREFER",
    "LIBTORRENT, OBFUSCATED_PLAINTEXT, PREFER",
    "LIBTORRENT, RC4, REQUIRE"
  })
  void itDialsUsAndDownloads(
      ForeignClient.Program program, ForeignClient.Speech speech, Encryption ours)
      throws Exception {
    Path data = base.resolve("data");
    try (LoopSwarmEngine engine = engine(ours);
        NamingTracker tracker = new NamingTracker(engine.address())) {
      engine.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
      byte[] announced = TorrentMaker.announced(encoded, tracker.url());
      try (ForeignClient leech = start(program, speech, announced, data)) {
        await().atMost(PATIENCE).until(() -> isThere(data));
        await().until(() -> engine.uploaded() >= content.length);
      }
    }
  }

  /**
   * qBittorrent does too, after a minute's pause. Transmission and aria2 were not seen to dial back
   * within two minutes.
   */
  @Test
  void itDialsBackWhereWeSaidThatWeListen() throws Exception {
    Path data = base.resolve("data");
    ForeignClient.Program program = ForeignClient.Program.LIBTORRENT;
    try (ForeignClient leech = start(program, ForeignClient.Speech.USUAL, encoded, data);
        LoopSwarmEngine engine = engine(Encryption.PREFER, leech.address())) {
      engine.add(metainfo.infoHash(), () -> MemoryStore.allBut(0, metainfo, content));
      try (ContentReader reader = engine.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
        assertThat(reader.poll(0, 1)).isNull();
        await().atMost(PATIENCE).until(() -> engine.uploaded() >= content.length - PIECE);
      }
      engine.remove(metainfo.infoHash());
      // Now that nothing is missing, we dial no more.
      engine.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
      await().atMost(PATIENCE).until(() -> isThere(data));
    }
  }

  private ForeignClient start(
      ForeignClient.Program program, ForeignClient.Speech speech, byte[] encoded, Path data)
      throws Exception {
    Path torrent = Files.write(base.resolve("y.bin.torrent"), encoded);
    return ForeignClient.start(program, speech, base.resolve("client"), torrent, data);
  }

  private static LoopSwarmEngine engine(Encryption encryption, InetSocketAddress... peers)
      throws Exception {
    LoopSwarmEngine engine =
        new LoopSwarmEngine(
            EngineConfig.listeningAt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withPeers(() -> List.of(peers))
                .withEncryption(encryption));
    engine.start();
    return engine;
  }

  private boolean isThere(Path data) throws Exception {
    Path file = data.resolve("y.bin");
    return Files.exists(file) && Arrays.equals(Files.readAllBytes(file), content);
  }

  private static byte[] content() {
    byte[] bytes = new byte[3_000_001];
    new Random(5).nextBytes(bytes);
    return bytes;
  }
}
