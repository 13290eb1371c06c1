package io.swarmgate.backend.swarm;

import static io.swarmgate.backend.swarm.SwarmTestKit.content;
import static io.swarmgate.backend.swarm.SwarmTestKit.metainfo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.GuardedFile;
import io.swarmgate.backend.store.PublishedFile;
import io.swarmgate.backend.system.FileGuard;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What peers are sent of a published file that changes meanwhile. */
class OverwrittenSeedTest {
  private static final int PIECE = 256 << 10;

  /** More than the buffers of two sockets take. */
  private static final int LENGTH = 16 << 20;

  @TempDir Path dir;

  private final byte[] content = content(1, LENGTH);
  private final Metainfo metainfo = metainfo(content, PIECE);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noBlockThatWasWrittenOverLeaves(boolean mapped) throws Exception {
    Path file = Files.write(dir.resolve("x"), content);
    int blocks = blocksUntilClosed(file, mapped, () -> Files.write(file, content(2, LENGTH)));
    assertThat(blocks).isLessThan(LENGTH / PieceLayout.BLOCK);
  }

  @Test
  void noBlockOfAFileThatWasPutInItsPlaceLeaves() throws Exception {
    Path file = Files.write(dir.resolve("x"), content);
    Path aside = Files.write(dir.resolve("y"), content(2, LENGTH));
    int blocks =
        blocksUntilClosed(
            file,
            true,
            () ->
                Files.move(
                    aside,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING));
    assertThat(blocks).isLessThan(LENGTH / PieceLayout.BLOCK);
  }

  @FunctionalInterface
  private interface Change {
    Object run() throws IOException;
  }

  /** Takes blocks, changes the file while more are under way, and checks all that come. */
  private int blocksUntilClosed(Path file, boolean mapped, Change change) throws Exception {
    try (SwarmTestKit swarm = new SwarmTestKit()) {
      GuardedFile guarded = new GuardedFile(file, FileGuard.of(file), mapped);
      LoopSwarmEngine seed = swarm.engine();
      seed.add(metainfo.infoHash(), () -> new PublishedFile(guarded, metainfo));
      try (Socket socket = connect(seed.address())) {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        assertThat(in.readNBytes(Handshake.SIZE)).hasSize(Handshake.SIZE);
        AtomicLong before = new AtomicLong();
        await()
            .pollInterval(Duration.ofMillis(100))
            .until(
                () -> seed.uploaded() > 0 && before.getAndSet(seed.uploaded()) == seed.uploaded());
        change.run();
        return readBlocks(in);
      }
    }
  }

  /** Asks for everything and reads nothing yet. */
  private Socket connect(InetSocketAddress seed) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(32 << 10);
    socket.setSoTimeout(30_000);
    socket.connect(seed);
    socket
        .getOutputStream()
        .write(new Handshake(metainfo.infoHash(), PeerId.random(), false).encode().array());
    socket.getOutputStream().write(bytes(Wire.message(Wire.INTERESTED)));
    for (int at = 0; at < LENGTH; at += PieceLayout.BLOCK) {
      ByteBuffer request = ByteBuffer.allocate(17);
      request.putInt(13).put(Wire.REQUEST);
      request.putInt(at / PIECE).putInt(at % PIECE).putInt(PieceLayout.BLOCK);
      socket.getOutputStream().write(request.array());
    }
    return socket;
  }

  private static byte[] bytes(ByteBuffer message) {
    byte[] bytes = new byte[message.remaining()];
    message.get(bytes);
    return bytes;
  }

  /** Reads until the seed closes the connection; the number of whole blocks, each of them right. */
  private int readBlocks(DataInputStream in) {
    int blocks = 0;
    try {
      while (true) {
        byte[] message = new byte[in.readInt()];
        in.readFully(message);
        if (message.length > 0 && message[0] == Wire.PIECE) {
          ByteBuffer fields = ByteBuffer.wrap(message, 1, 8);
          int from = fields.getInt() * PIECE + fields.getInt();
          assertThat(ByteBuffer.wrap(message, 9, message.length - 9))
              .isEqualTo(ByteBuffer.wrap(content, from, PieceLayout.BLOCK));
          blocks++;
        }
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("expected the seed to close the connection", e);
    } catch (IOException e) {
      return blocks;
    }
  }
}
