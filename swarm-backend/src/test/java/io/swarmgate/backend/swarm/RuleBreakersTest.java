package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.PIECE;
import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static io.swarmgate.backend.swarm.SwarmTestKit.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.testing.CapturedLog;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Peers whose handshake is right and what follows is not. */
class RuleBreakersTest {
  private static final byte[] CONTENT = content(81, 9 * PIECE + 5);
  private static final Metainfo METAINFO = metainfo(CONTENT);
  private static final int BLOCK = PieceLayout.BLOCK;

  private final SwarmTestKit swarm = new SwarmTestKit();

  @AfterEach
  void stop() {
    swarm.close();
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        broken("message length", frame(Integer.MAX_VALUE)),
        broken("message length", frame(-1)),
        broken("message length", frame(9 + Wire.MAX_BLOCK + 1)),
        broken("message 0", frame(2, Wire.CHOKE, 0)),
        broken("message 4", frame(4, Wire.HAVE, 0, 0, 0)),
        broken("piece index", frame(5, Wire.HAVE, 0, 0, 0, 10)),
        broken("piece index", frame(5, Wire.HAVE, 0xff, 0xff, 0xff, 0xff)),
        broken("message 5", frame(2, Wire.BITFIELD, 0)),
        broken("spare bits", frame(3, Wire.BITFIELD, 0xff, 0xff)),
        broken("piece index", request(10, 0, BLOCK)),
        broken("block", request(0, PIECE - BLOCK + 1, BLOCK)),
        broken("block", request(0, -1, BLOCK)),
        broken("block", request(9, 0, BLOCK)),
        broken("block", request(0, 0, 0)),
        broken("block", request(0, 0, Wire.MAX_BLOCK + 1)),
        broken("message PIECE", frame(9, Wire.PIECE, 0, 0, 0, 0, 0, 0, 0, 0)),
        broken("block", frame(10, Wire.PIECE, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        broken("block", frame(10, Wire.PIECE, 0, 0, 0, 9, 0, 0, 0, 5, 0)),
        broken("message EXTENDED", frame(1, Wire.EXTENDED)),
        broken("extension handshake", frame(3, Wire.EXTENDED, Extensions.HANDSHAKE, 'x')),
        broken("lt_donthave", frame(3, Wire.EXTENDED, Extensions.DONTHAVE, 0)));
  }

  private static Arguments broken(String said, byte[] frame) {
    return Arguments.of(said, frame);
  }

  private static byte[] frame(int length, int... bytes) {
    ByteBuffer frame = ByteBuffer.allocate(4 + bytes.length).putInt(length);
    for (int one : bytes) {
      frame.put((byte) one);
    }
    return frame.array();
  }

  private static byte[] request(int piece, int offset, int length) {
    ByteBuffer out = ByteBuffer.allocate(Wire.REQUEST_SIZE);
    Wire.putRequest(out, Wire.REQUEST, piece, offset, length);
    return out.array();
  }

  @ParameterizedTest
  @MethodSource("broken")
  void whoeverBreaksTheProtocolIsDisconnectedWithOneLineInTheLog(String said, byte[] broken)
      throws Exception {
    LoopSwarmEngine seed = seed();
    PeerId id = PeerId.random();
    try (CapturedLog log = new CapturedLog(getClass())) {
      try (Socket peer = handshaken(seed, id)) {
        peer.getOutputStream().write(broken);
        drain(peer);
      }
      assertThat(log.warnings())
          .singleElement()
          .asString()
          .contains("127.0.0.1:", METAINFO.name(), said, "banned");
    }
    try (Socket again = handshaken(seed, id)) {
      assertThat(again.getInputStream().read()).as("nothing for who is banned").isNegative();
    }
    assertThat(seed.status().get(0).peers()).isEmpty();
  }

  @Test
  void aFloodOfRequestsIsRefusedAndTheOthersAreServed() throws Exception {
    LoopSwarmEngine seed = seed();
    LoopSwarmEngine leech = swarm.engine(seed.address());
    leech.add(METAINFO.infoHash(), () -> new MemoryStore(METAINFO));
    try (CapturedLog log = new CapturedLog(getClass());
        Socket flooding = handshaken(seed, PeerId.random())) {
      ByteBuffer flood = ByteBuffer.allocate(20_000 * Wire.REQUEST_SIZE);
      while (flood.hasRemaining()) {
        Wire.putRequest(flood, Wire.REQUEST, 0, 0, BLOCK);
      }
      write(flooding, flood.array());
      assertThat(readAll(leech, METAINFO)).isEqualTo(CONTENT);
      drain(flooding);
      assertThat(log.warnings()).singleElement().asString().contains("requests: expected");
    }
  }

  private LoopSwarmEngine seed() throws IOException {
    LoopSwarmEngine seed = swarm.engine();
    seed.add(METAINFO.infoHash(), () -> MemoryStore.full(METAINFO, CONTENT));
    return seed;
  }

  private static Socket handshaken(LoopSwarmEngine engine, PeerId id) throws IOException {
    Socket socket = new Socket(engine.address().getAddress(), engine.address().getPort());
    socket.setSoTimeout(30_000);
    socket.getOutputStream().write(new Handshake(METAINFO.infoHash(), id, true).encode().array());
    return socket;
  }

  private static void write(Socket socket, byte[] bytes) throws IOException {
    try {
      socket.getOutputStream().write(bytes);
    } catch (SocketException e) {
      // The engine didn't wait for all of it.
    }
  }

  /** Reads on until the engine ends the connection. */
  private static void drain(Socket socket) throws IOException {
    try {
      long unused = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (SocketException e) {
      // A reset, since not all that was sent has been read.
    }
  }
}
