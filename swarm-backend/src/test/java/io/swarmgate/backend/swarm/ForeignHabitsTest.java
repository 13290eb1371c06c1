package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.metainfo.Metainfo;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
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
    try (Socket socket = connect(engine)) {
      socket.getOutputStream().write(Wire.have(0).array());
      socket.getOutputStream().write(Wire.have(1).array());
      socket.getOutputStream().write(Wire.bitfield(pieces, metainfo.layout()).array());
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> peers(engine).stream().anyMatch(peer -> peer.pieces() == 4));
    }
  }

  /** Nobody says another word, so that nothing but time lets the second have the piece. */
  @Test
  void aPieceHeldForAPeerThatNeverAnnouncesItIsSentToTheNextInTheEnd() throws Exception {
    LoopSwarmEngine publisher = swarm.engine();
    publisher.add(metainfo.infoHash(), () -> MemoryStore.original(metainfo, content));
    try (Socket first = connect(publisher);
        Socket second = connect(publisher)) {
      for (Socket each : List.of(first, second)) {
        each.getOutputStream().write(Wire.message(Wire.INTERESTED).array());
      }
      await().until(() -> peers(publisher).size() == 2);
      for (Socket each : List.of(first, second)) {
        ByteBuffer request = ByteBuffer.allocate(Wire.REQUEST_SIZE);
        Wire.putRequest(request, Wire.REQUEST, 0, 0, PIECE);
        each.getOutputStream().write(request.array());
        awaitBlock(each);
      }
    }
  }

  private static void awaitBlock(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte kind;
    do {
      byte[] message = new byte[in.readInt()];
      in.readFully(message);
      kind = message.length == 0 ? -1 : message[0];
    } while (kind != Wire.PIECE);
  }

  private Socket connect(LoopSwarmEngine engine) throws IOException {
    Socket socket = new Socket();
    socket.connect(engine.address());
    socket.setSoTimeout(20_000);
    Handshake ours = Handshake.ours(metainfo.infoHash(), PeerId.random());
    socket.getOutputStream().write(ours.encode().array());
    assertThat(socket.getInputStream().readNBytes(Handshake.SIZE)).hasSize(Handshake.SIZE);
    return socket;
  }

  private static List<SwarmStatus.PeerStatus> peers(LoopSwarmEngine engine) {
    return engine.status().stream().flatMap(torrent -> torrent.peers().stream()).toList();
  }
}
