package io.swarmgate.backend.swarm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What an engine has to be told.
 *
 * @param listen the peer address to bind; port 0 takes a free one
 * @param peers where the swarm's other nodes listen. Called on a pool thread, may ask the DNS; its
 *     answer is kept for 30 s.
 * @param allow which addresses may connect and be connected to
 * @param pieceMemory bytes of direct memory for pieces that are being put together, all torrents
 */
public record EngineConfig(
    InetSocketAddress listen,
    Supplier<List<InetSocketAddress>> peers,
    Predicate<InetAddress> allow,
    long pieceMemory) {
  /** 128 MiB for pieces under way. */
  public static final long DEFAULT_PIECE_MEMORY = 128L << 20;
}
