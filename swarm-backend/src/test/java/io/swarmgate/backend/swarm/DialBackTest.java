package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each side of a connection tells the other where it can be dialled (BEP 10, "p"). */
class DialBackTest {
  private final SwarmTestKit swarm = new SwarmTestKit();
  private final byte[] content = content(31, 6 * PIECE);
  private final Metainfo metainfo = metainfo(content);

  @AfterEach
  void stop() {
    swarm.close();
  }

  @Test
  void aPeerIsToldOurPort() throws Exception {
    LoopSwarmEngine seed = swarm.engine();
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    assertThat(toldBy(seed).port()).isEqualTo(seed.address().getPort());
  }

  @Test
  void aPeerIsToldTheAdvertisedPort() throws Exception {
    InetSocketAddress advertised = InetSocketAddress.createUnresolved("node.example", 4711);
    LoopSwarmEngine seed = swarm.engine(config -> config.withAdvertise(advertised));
    seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    assertThat(toldBy(seed).port()).isEqualTo(4711);
  }

  @Test
  void aPeerThatDialledUsIsDialledOnceItHasGoneAndIsNeeded() throws Exception {
    MemoryStore allButOne = MemoryStore.full(metainfo, content);
    allButOne.evict(0);
    LoopSwarmEngine waiting = swarm.engine();
    waiting.add(metainfo.infoHash(), () -> allButOne);
    LoopSwarmEngine leech = swarm.engine(waiting.address());
    leech.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));

    Swarm swarmOfWaiting = waiting.join(metainfo.infoHash());
    try (ContentReader reader = swarmOfWaiting.reader(ReadPolicy.PEERS_ONLY)) {
      assertThat(reader.poll(0, 1)).isNull();
      try (ContentReader of = leech.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
        read(of, new ByteSpan(PIECE, 2L * PIECE));
      }
      leech.remove(metainfo.infoHash());
      // From now on the leech misses nothing, so it dials nobody.
      leech.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
      assertThat(read(reader, new ByteSpan(0, content.length))).isEqualTo(content);
    }
  }

  /** What an engine says in its extension handshake. */
  private Extensions toldBy(LoopSwarmEngine engine) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(engine.address());
      socket.setSoTimeout(20_000);
      Handshake ours = Handshake.ours(metainfo.infoHash(), PeerId.random());
      socket.getOutputStream().write(ours.encode().array());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      in.readFully(new byte[Handshake.SIZE]);
      while (true) {
        byte[] message = in.readNBytes(in.readInt());
        if (message.length > 2 && message[0] == Wire.EXTENDED) {
          return Extensions.NONE.updatedBy(ByteBuffer.wrap(message, 2, message.length - 2));
        }
      }
    }
  }
}
