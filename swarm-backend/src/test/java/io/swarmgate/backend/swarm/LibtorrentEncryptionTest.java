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
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** libtorrent (python3-libtorrent) that speaks nothing but RC4. */
@Tag("interop")
class LibtorrentEncryptionTest {
  private static final String SCRIPT =
      """
      import libtorrent as lt, sys, time
      directory, port = sys.argv[1], int(sys.argv[2])
      s = lt.session({'listen_interfaces': '127.0.0.1:0', 'enable_dht': False,
          'enable_lsd': False, 'enable_outgoing_utp': False, 'enable_upnp': False, 'enable_natpmp': False,
          'out_enc_policy': 0, 'in_enc_policy': 0, 'allowed_enc_level': 2})
      t = s.add_torrent({'ti': lt.torrent_info(directory + '/content.torrent'),
          'save_path': directory})
      while not s.listen_port():
          time.sleep(0.1)
      open(directory + '/port.new', 'w').write(str(s.listen_port()))
      import os
      os.rename(directory + '/port.new', directory + '/port')
      while True:
          if port and not t.status().is_seeding:
              t.connect_peer(('127.0.0.1', port))
          time.sleep(0.2)
      """;

  @TempDir Path directory;

  @Test
  void weDownloadFromIt() throws Exception {
    byte[] content = content(11, 60 * PIECE + 123);
    Metainfo metainfo = metainfo(content);
    Files.write(directory.resolve("content.bin"), content);
    Process libtorrent = libtorrent(metainfo, 0);
    try {
      Path port = directory.resolve("port");
      await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(port));
      InetSocketAddress seed =
          new InetSocketAddress(
              InetAddress.getLoopbackAddress(), Integer.parseInt(Files.readString(port)));
      try (LoopSwarmEngine leech = engine(seed)) {
        leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
        try (ContentReader reader = leech.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
          assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
        }
      }
    } finally {
      libtorrent.destroyForcibly().waitFor();
    }
  }

  @Test
  void itDownloadsFromUs() throws Exception {
    byte[] content = content(11, 60 * PIECE + 123);
    Metainfo metainfo = metainfo(content);
    try (LoopSwarmEngine seed = engine()) {
      seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
      Process libtorrent = libtorrent(metainfo, seed.address().getPort());
      try {
        await().atMost(Duration.ofSeconds(20)).until(() -> seed.uploaded() >= content.length);
      } finally {
        libtorrent.destroyForcibly().waitFor();
      }
    }
  }

  private Process libtorrent(Metainfo metainfo, int port) throws IOException {
    Files.write(directory.resolve("content.torrent"), metainfo.encoded());
    return new ProcessBuilder(
            "/usr/bin/python3", "-c", SCRIPT, directory.toString(), Integer.toString(port))
        .inheritIO()
        .start();
  }

  private static LoopSwarmEngine engine(InetSocketAddress... peers) throws IOException {
    LoopSwarmEngine engine =
        new LoopSwarmEngine(
            EngineConfig.listeningAt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withPeers(() -> List.of(peers))
                .withEncryption(Encryption.REQUIRE));
    engine.start();
    return engine;
  }
}
