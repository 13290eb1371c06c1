package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import io.swarmgate.backend.testing.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node in a process of its own that is killed, again and again, while it downloads. */
class KilledLeechTest {
  private static final byte[] CONTENT = content(91, 768 * PIECE + 1234);
  private static final Metainfo METAINFO = metainfo(CONTENT);
  private static final int KILLS = 4;

  private final SwarmTestKit swarm = new SwarmTestKit();
  private @Nullable Process child;

  @TempDir Path dir;

  @AfterEach
  void stop() throws InterruptedException {
    swarm.close();
    if (child != null) {
      kill(child);
    }
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void killedAgainAndAgainItEndsWithTheRightFile() throws Exception {
    LoopSwarmEngine seed = swarm.engine(config -> config.withUploadLimit(4 << 20));
    seed.add(METAINFO.infoHash(), () -> MemoryStore.full(METAINFO, CONTENT));
    Random random = new Random(7);
    for (int i = 0; i < KILLS; i++) {
      long enough = seed.uploaded() + (1 << 19) + random.nextInt(3 << 19);
      Process killed = start(seed);
      await().atMost(Duration.ofMinutes(1)).until(() -> seed.uploaded() > enough);
      assertThat(killed.isAlive()).isTrue();
      kill(killed);
    }
    Process last = start(seed);
    assertThat(last.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(last.exitValue()).isZero();
    assertStored();
    // What was stored before a kill is checked and kept, not fetched again.
    assertThat(seed.uploaded()).isLessThan(2L * CONTENT.length);
  }

  private Process start(LoopSwarmEngine seed) throws IOException {
    Process started =
        ChildJvm.start(
            List.of("-Xmx192m"),
            Leech.class,
            dir.toString(),
            String.valueOf(seed.address().getPort()));
    child = started;
    return started;
  }

  private void assertStored() throws IOException {
    try (ExtentStore store = ExtentStore.open(dir, 1L << 30, true, new BtMetainfoCodec());
        PieceStore pieces = store.open(METAINFO)) {
      for (int at = 0; at < CONTENT.length; ) {
        try (Slice slice = Objects.requireNonNull(pieces.slice(at, PIECE), "at " + at)) {
          byte[] bytes = new byte[slice.buffer().remaining()];
          slice.buffer().get(bytes);
          assertThat(bytes).isEqualTo(Arrays.copyOfRange(CONTENT, at, at + bytes.length));
          at += bytes.length;
        }
      }
    }
  }

  /** Reads the whole torrent, and ends; or is killed before. */
  static final class Leech {
    private Leech() {}

    public static void main(String[] args) throws Exception {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      InetSocketAddress seed = new InetSocketAddress(loopback, Integer.parseInt(args[1]));
      EngineConfig config =
          EngineConfig.listeningAt(new InetSocketAddress(loopback, 0))
              .withPeers(() -> List.of(seed));
      try (ExtentStore store =
              ExtentStore.open(Path.of(args[0]), 1L << 30, true, new BtMetainfoCodec());
          LoopSwarmEngine engine = new LoopSwarmEngine(config)) {
        PieceStore pieces = store.open(METAINFO);
        engine.add(METAINFO.infoHash(), () -> pieces);
        engine.start();
        ReadPolicy patient = new ReadPolicy(Duration.ZERO, Duration.ofMinutes(2), piece -> {});
        try (ContentReader reader = engine.join(METAINFO.infoHash()).reader(patient)) {
          byte[] bytes = SwarmTestKit.read(reader, new ByteSpan(0, CONTENT.length));
          if (!Arrays.equals(bytes, CONTENT)) {
            throw new IOException("expected the seed's bytes, got others");
          }
        }
      }
    }
  }
}
