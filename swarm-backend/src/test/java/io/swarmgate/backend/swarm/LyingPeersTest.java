package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.swarm.ScriptedPeer.Block;
import io.swarmgate.backend.swarm.ScriptedPeer.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that send wrong blocks of pieces to which an honest one contributes. */
class LyingPeersTest {
  private static final int PIECE_LENGTH = 4 * PieceLayout.BLOCK;

  private final SwarmTestKit swarm = new SwarmTestKit();

  @AfterEach
  void stop() {
    swarm.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theLiarsOfAMixedPieceAreBannedAndTheHonestPeerIsNot(int count) throws Exception {
    byte[] content = content(41, 10 * PIECE_LENGTH);
    byte[] wrong = content.clone();
    for (int i = 7; i < wrong.length; i += 1000) {
      wrong[i] ^= 1;
    }
    Metainfo metainfo = metainfo(content, PIECE_LENGTH);
    ScriptedPeer honest = swarm.peer(metainfo, content, Connection::send);
    List<ScriptedPeer> liars = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // One block of each piece comes from each liar, the others must come from elsewhere.
      int offset = PieceLayout.blockOffset(i);
      liars.add(
          swarm.peer(
              metainfo,
              wrong,
              (by, block) -> {
                if (block.offset() == offset) {
                  by.send(block);
                }
              }));
    }
    LoopSwarmEngine leech = swarm.engine(config -> config.withEncryption(Encryption.OFF));
    leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
    try (ContentReader reader = leech.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
      assertThat(reader.poll(0, 1)).isNull();
      for (ScriptedPeer liar : liars) {
        liar.dial(leech.address());
        await().until(() -> !liar.sent().isEmpty());
      }
      honest.dial(leech.address());
      assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
      await().until(() -> leech.status().get(0).peers().size() == 1);
    }
    Block last = new Block(0, PIECE_LENGTH - PieceLayout.BLOCK, PieceLayout.BLOCK);
    assertThat(honest.requests().stream().filter(last::equals))
        .as("asked for its own block again, with the whole piece")
        .hasSizeGreaterThan(1);
    assertThat(honest.sent()).contains(new Block(0, 0, PieceLayout.BLOCK));
    for (ScriptedPeer liar : liars) {
      liar.dial(leech.address());
      await().until(() -> liar.refusals() == 1);
      assertThat(liar.connections()).hasSize(1);
    }
    assertThat(honest.connections()).hasSize(1);
    assertThat(honest.refusals()).isZero();
    assertThat(leech.status().get(0).peers()).hasSize(1);
  }
}
