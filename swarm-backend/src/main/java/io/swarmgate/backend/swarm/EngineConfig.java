package io.swarmgate.backend.swarm;

import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.observe.Observer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What an engine has to be told. Immutable; each {@code with} returns a changed copy.
 *
 * @param listen the peer address to bind; port 0 takes a free one
 * @param peers where the swarm's other nodes listen. Called on a pool thread, may ask the DNS; its
 *     answer is kept for 30 s.
 * @param allow which addresses may connect and be connected to
 * @param pieceMemory bytes of direct memory for pieces that are being put together, all torrents
 * @param uploadLimit most bytes of blocks sent to peers a second, all together; 0: no limit
 * @param trackers who is told of our torrents, and asked for peers; none: no announces at all
 * @param advertise where trackers are told that peers can connect to us; never resolved, for its
 *     host may be a name; empty: the port we listen at, and whatever address a tracker sees. Peers
 *     are told the port alone.
 * @param encryption whether connections are obfuscated; RC4 costs throughput on both sides
 * @param observer told what happens
 */
public record EngineConfig(
    InetSocketAddress listen,
    Supplier<List<InetSocketAddress>> peers,
    Predicate<InetAddress> allow,
    long pieceMemory,
    long uploadLimit,
    List<Tracker> trackers,
    Optional<InetSocketAddress> advertise,
    Encryption encryption,
    Observer observer) {
  private static final long PIECE_MEMORY = 128L << 20;

  /** Listens at an address, has no peers, talks to everyone, and takes the defaults. */
  public static EngineConfig listeningAt(InetSocketAddress listen) {
    return new EngineConfig(
        listen,
        List::of,
        address -> true,
        PIECE_MEMORY,
        0,
        List.of(),
        Optional.empty(),
        Encryption.PREFER,
        Observer.NONE);
  }

  public EngineConfig withPeers(Supplier<List<InetSocketAddress>> addresses) {
    return new EngineConfig(
        listen,
        addresses,
        allow,
        pieceMemory,
        uploadLimit,
        trackers,
        advertise,
        encryption,
        observer);
  }

  public EngineConfig withAllow(Predicate<InetAddress> allowed) {
    return new EngineConfig(
        listen,
        peers,
        allowed,
        pieceMemory,
        uploadLimit,
        trackers,
        advertise,
        encryption,
        observer);
  }

  public EngineConfig withPieceMemory(long bytes) {
    return new EngineConfig(
        listen, peers, allow, bytes, uploadLimit, trackers, advertise, encryption, observer);
  }

  public EngineConfig withUploadLimit(long bytesPerSecond) {
    return new EngineConfig(
        listen,
        peers,
        allow,
        pieceMemory,
        bytesPerSecond,
        trackers,
        advertise,
        encryption,
        observer);
  }

  public EngineConfig withTrackers(List<Tracker> told) {
    return new EngineConfig(
        listen, peers, allow, pieceMemory, uploadLimit, told, advertise, encryption, observer);
  }

  public EngineConfig withAdvertise(InetSocketAddress told) {
    return new EngineConfig(
        listen,
        peers,
        allow,
        pieceMemory,
        uploadLimit,
        trackers,
        Optional.of(told),
        encryption,
        observer);
  }

  public EngineConfig withEncryption(Encryption policy) {
    return new EngineConfig(
        listen, peers, allow, pieceMemory, uploadLimit, trackers, advertise, policy, observer);
  }

  public EngineConfig withObserver(Observer told) {
    return new EngineConfig(
        listen, peers, allow, pieceMemory, uploadLimit, trackers, advertise, encryption, told);
  }
}
