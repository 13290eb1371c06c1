package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges pieces with peers: one peer port, any number of torrents. Thread-safe. No thread and no
 * socket belongs to a torrent that nobody reads and no peer asks for.
 */
public interface SwarmEngine extends AutoCloseable {
  /**
   * Binds the peer port and starts.
   *
   * @throws IOException if it can't, with the address and the reason in its message; nothing is
   *     left running then
   */
  void start() throws IOException;

  /**
   * Makes a torrent known: peers may ask for it, and {@link #join} finds it. Costs a map entry; the
   * store is opened only when a peer's handshake or a join wants it.
   *
   * @param store opens the torrent's pieces; called at most once at a time, on a pool thread. The
   *     engine closes what it returns when the torrent is removed.
   */
  void add(InfoHash infoHash, Supplier<PieceStore> store);

  /**
   * Wakes a torrent that was added, for reading.
   *
   * @throws IllegalStateException if it was not added, or was removed
   */
  Swarm join(InfoHash infoHash);

  /**
   * The same for a torrent that is awake, without waiting for a disk.
   *
   * @return null if that can't be said at once; {@link #join} knows
   */
  default @Nullable Swarm joinAwake(InfoHash infoHash) {
    return null;
  }

  /**
   * Forgets a torrent: its peers are disconnected before this returns, so that no block of it
   * leaves afterwards, its readers fail, and its store is closed. Does nothing if it is unknown.
   */
  void remove(InfoHash infoHash);

  /** What is going on, torrent by torrent, for those that are awake. */
  List<SwarmStatus> status();

  /** The same in detail, piece by piece and peer by peer. */
  default List<SwarmDetails> details() {
    return List.of();
  }

  /** The bans that last, in no particular order. */
  default List<Ban> bans() {
    return List.of();
  }

  /**
   * Disconnects who is at an address, and lets nobody from there in for so long.
   *
   * @param reason for the log
   */
  default void ban(InetAddress address, Duration time, String reason) {}

  /** Ends every ban of an address, and of peers there; false if there is none. */
  default boolean unban(InetAddress address) {
    return false;
  }

  /** Bytes of blocks sent to peers since the start, all torrents. */
  long uploaded();

  /** Bytes of blocks received from peers since the start, all torrents. */
  long downloaded();

  /** Stops: peers are disconnected, readers fail, stores are closed, threads end. Idempotent. */
  @Override
  void close();
}
