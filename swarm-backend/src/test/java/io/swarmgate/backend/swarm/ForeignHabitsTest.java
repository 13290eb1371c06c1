package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.metainfo.Metainfo;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What other programs do though the specifications don't have it. */
class ForeignHabitsTest {
  private final SwarmTestKit swarm = new SwarmTestKit();
  private final byte[] content = content(41, 6 * PIECE);
  private final Metainfo metainfo = metainfo(content);

  @AfterEach
  void stop() {
    swarm.close();
  }

  @Test
  void aBitfieldThatComesLateAddsToWhatThePeerHas() throws Exception {
    LoopSwarmEngine engine = swarm.engine();
    engine.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    BitSet pieces = new BitSet();
    pieces.set(1, 4);
    try (Socket socket = new Socket()) {
      socket.connect(engine.address());
      socket.setSoTimeout(20_000);
      Handshake ours = Handshake.ours(metainfo.infoHash(), PeerId.random());
      socket.getOutputStream().write(ours.encode().array());
      InputStream in = socket.getInputStream();
      assertThat(in.readNBytes(Handshake.SIZE)).hasSize(Handshake.SIZE);
      socket.getOutputStream().write(Wire.have(0).array());
      socket.getOutputStream().write(Wire.have(1).array());
      socket.getOutputStream().write(Wire.bitfield(pieces, metainfo.layout()).array());
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> peers(engine).stream().anyMatch(peer -> peer.pieces() == 4));
    }
  }

  private static List<SwarmStatus.PeerStatus> peers(LoopSwarmEngine engine) {
    return engine.status().stream().flatMap(torrent -> torrent.peers().stream()).toList();
  }
}
