package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.testing.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A seed in a process of its own, to be killed while it is downloaded from. */
final class SeedProcess implements AutoCloseable {
  static final byte[] CONTENT = content(51, 256 * PIECE + 77);
  static final Metainfo METAINFO = metainfo(CONTENT);

  /** What it uploads at most: so slow that there is time for a kill. */
  static final long BYTES_PER_SECOND = 2 << 20;

  private final Process process;
  private final InetSocketAddress address;

  private SeedProcess(Process process) throws IOException {
    this.process = process;
    BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
    address = loopback(Integer.parseInt(out.readLine()));
  }

  /** Starts one that listens at a port; 0 for a free one. */
  static SeedProcess start(int port) throws IOException {
    return new SeedProcess(
        ChildJvm.start(List.of("-Xmx128m"), SeedProcess.class, String.valueOf(port)));
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  InetSocketAddress address() {
    return address;
  }

  /** Kills it, by a signal it can't handle. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  /** Seeds until its standard input ends, which it does when the test's process does. */
  public static void main(String[] args) throws Exception {
    EngineConfig config =
        EngineConfig.listeningAt(loopback(Integer.parseInt(args[0])))
            .withUploadLimit(BYTES_PER_SECOND);
    try (LoopSwarmEngine engine = new LoopSwarmEngine(config)) {
      engine.add(METAINFO.infoHash(), () -> MemoryStore.full(METAINFO, CONTENT));
      engine.start();
      System.out.println(engine.address().getPort());
      while (System.in.read() >= 0) {
        // Nothing is said to it.
      }
    }
  }
}
