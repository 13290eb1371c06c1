package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The torrents an MSE handshake may be for, by what it names them with: HASH("req2", info-hash),
 * computed when a torrent is added, so that a handshake costs one look-up. Thread-safe.
 */
final class MseTorrents {
  private final Map<ByteBuffer, InfoHash> byName = new ConcurrentHashMap<>();

  void add(InfoHash infoHash) {
    byName.put(name(infoHash), infoHash);
  }

  void remove(InfoHash infoHash) {
    byName.remove(name(infoHash));
  }

  @Nullable InfoHash find(byte[] req2) {
    return byName.get(ByteBuffer.wrap(req2));
  }

  private static ByteBuffer name(InfoHash infoHash) {
    return ByteBuffer.wrap(MseHandshake.hash("req2", infoHash.bytes()));
  }
}
