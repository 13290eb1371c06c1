package io.swarmgate.backend.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.SwarmBackend;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.status.SiteStatus;
import io.swarmgate.backend.swarm.EngineConfig;
import io.swarmgate.backend.swarm.LoopSwarmEngine;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A node with many torrents of many pieces, measured in a process of its own. */
public final class ManyTorrents {
  public static final int COUNT = 120;
  private static final int PIECES = 20_000;
  private static final int PIECE_LENGTH = 16 << 10;

  /** The torrents' metainfo would take twice that: 20 bytes a piece, and the file again. */
  private static final String HEAP = "-Xmx48m";

  public static final MetainfoCodec CODEC = new BtMetainfoCodec();

  private ManyTorrents() {}

  /**
   * Runs a class's main method, whose argument is a directory and which calls {@link #measure}, in
   * a heap that has no room for the torrents' metainfo.
   */
  public static void assertKeptOutOfMemory(Class<?> node, Path dir) throws Exception {
    Process child = ChildJvm.start(List.of(HEAP), node, dir.toString());
    assertThat(child.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(child.exitValue()).isZero();
  }

  /** Bytes of each torrent's content. */
  public static long length() {
    return (long) PIECES * PIECE_LENGTH;
  }

  /** Metainfo of content that nobody has. */
  public static Metainfo metainfo(int index) {
    Random random = new Random(index);
    byte[] hashes = new byte[PIECES * Metainfo.HASH_LENGTH];
    byte[] sha256 = new byte[32];
    random.nextBytes(hashes);
    random.nextBytes(sha256);
    PieceLayout layout = new PieceLayout(length(), PIECE_LENGTH);
    return CODEC.encode(index + ".bin", layout, hashes, sha256, new byte[0]);
  }

  /**
   * Starts a node, waits until it knows {@link #COUNT} torrents, and says how long that took and
   * what heap it takes when everything superfluous is collected.
   */
  public static void measure(SwarmBackendConfig config) throws Exception {
    InetSocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    long began = System.nanoTime();
    try (SwarmBackend node =
        new SwarmBackend(
            config, CODEC, c -> new LoopSwarmEngine(EngineConfig.listeningAt(listen)))) {
      node.start();
      while (known(node) < COUNT) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
      System.gc();
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      long heap = (runtime.totalMemory() - runtime.freeMemory()) >> 20;
      System.out.println(COUNT + " torrents: " + millis + " ms, " + heap + " MiB");
    }
  }

  private static long known(SwarmBackend node) {
    long known = 0;
    for (SiteStatus site : node.status().sites()) {
      known += site.files().stream().filter(file -> file.infoHash() != null).count();
    }
    return known;
  }
}
