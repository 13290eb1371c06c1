package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Digests;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Real engines on loopback with tiny pieces, and what is read from them. */
final class SwarmTestKit implements AutoCloseable {
  static final int PIECE = 32 << 10;

  private final List<SwarmEngine> engines = new ArrayList<>();
  private final List<ScriptedPeer> peers = new ArrayList<>();

  LoopSwarmEngine engine(InetSocketAddress... peers) throws IOException {
    return engine(config -> config.withPeers(() -> List.of(peers)));
  }

  LoopSwarmEngine engine(UnaryOperator<EngineConfig> settings) throws IOException {
    InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    LoopSwarmEngine engine =
        new LoopSwarmEngine(
            settings.apply(EngineConfig.listeningAt(free).withPieceMemory(8 << 20)));
    engines.add(engine);
    engine.start();
    return engine;
  }

  /**
   * A peer that isn't an engine.
   *
   * @param content what it sends, right or wrong
   */
  ScriptedPeer peer(Metainfo metainfo, byte[] content, ScriptedPeer.Script script)
      throws IOException {
    ScriptedPeer peer = new ScriptedPeer(metainfo, content, script);
    peers.add(peer);
    return peer;
  }

  static byte[] content(long seed, int length) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }

  static Metainfo metainfo(byte[] content) {
    return metainfo(content, PIECE);
  }

  static Metainfo metainfo(byte[] content, int pieceLength) {
    PieceLayout layout = new PieceLayout(content.length, pieceLength);
    ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    for (int piece = 0; piece < layout.pieceCount(); piece++) {
      MessageDigest sha1 = Digests.sha1();
      sha1.update(content, (int) layout.start(piece), layout.length(piece));
      hashes.writeBytes(sha1.digest());
    }
    byte[] sha256 = Digests.sha256().digest(content);
    return new BtMetainfoCodec()
        .encode("content.bin", layout, hashes.toByteArray(), sha256, new byte[0]);
  }

  static byte[] readAll(LoopSwarmEngine from, Metainfo metainfo) throws Exception {
    try (ContentReader reader = from.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
      return read(reader, new ByteSpan(0, metainfo.layout().length()));
    }
  }

  static byte[] read(ContentReader reader, ByteSpan span) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long position = span.start();
    while (position < span.end()) {
      Slice slice = reader.poll(position, (int) Math.min(1 << 20, span.end() - position));
      if (slice == null) {
        CountDownLatch ready = new CountDownLatch(1);
        reader.onReady(ready::countDown);
        assertThat(ready.await(30, TimeUnit.SECONDS)).as("woken at %d", position).isTrue();
        continue;
      }
      byte[] bytes = new byte[slice.buffer().remaining()];
      slice.buffer().get(bytes);
      slice.close();
      out.write(bytes);
      position += bytes.length;
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    engines.forEach(SwarmEngine::close);
    peers.forEach(ScriptedPeer::close);
  }
}
