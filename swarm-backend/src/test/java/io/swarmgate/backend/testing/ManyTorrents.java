package io.swarmgate.backend.testing;

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
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A node with many torrents of many pieces, measured in a process of its own. */
public final class ManyTorrents {
  private static final int PIECE_LENGTH = 16 << 10;

  public static final MetainfoCodec CODEC = new BtMetainfoCodec();

  private ManyTorrents() {}

  /** Bytes of content in so many pieces. */
  public static long length(int pieces) {
    return (long) pieces * PIECE_LENGTH;
  }

  /** Metainfo of content that nobody has. */
  public static Metainfo metainfo(int index, int pieces) {
    Random random = new Random(index);
    byte[] hashes = new byte[pieces * Metainfo.HASH_LENGTH];
    byte[] sha256 = new byte[32];
    random.nextBytes(hashes);
    random.nextBytes(sha256);
    PieceLayout layout = new PieceLayout(length(pieces), PIECE_LENGTH);
    return CODEC.encode(index + ".bin", layout, hashes, sha256, new byte[0]);
  }

  /**
   * Starts a node, waits until it knows its torrents, and says how long that took and what heap it
   * takes when everything superfluous is collected.
   */
  public static void measure(SwarmBackendConfig config, int count) throws Exception {
    InetSocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    long began = System.nanoTime();
    try (SwarmBackend node =
        new SwarmBackend(
            config, CODEC, c -> new LoopSwarmEngine(EngineConfig.listeningAt(listen)))) {
      node.start();
      while (known(node) < count) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
      System.gc();
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      long heap = (runtime.totalMemory() - runtime.freeMemory()) >> 20;
      System.out.println(count + " torrents: " + millis + " ms, " + heap + " MiB");
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
