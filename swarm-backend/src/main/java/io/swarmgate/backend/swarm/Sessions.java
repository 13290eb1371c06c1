package io.swarmgate.backend.swarm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * The sessions of one torrent, one for each peer, and what their peers have all together. Owned by
 * the loop.
 */
final class Sessions {
  private static final long HELD_MILLIS = 20;

  private final EventLoop loop;
  private final PeerId ownId;
  private final List<PeerSession> all = new ArrayList<>();

  /** How many peers have each piece. */
  private final int[] copies;

  private boolean heldLater;
  private long uploadedByGone;

  Sessions(EventLoop loop, PeerId ownId, int pieceCount) {
    this.loop = loop;
    this.ownId = ownId;
    copies = new int[pieceCount];
  }

  /**
   * Whether a session may join: not if its peer is connected already and that connection stays. One
   * that doesn't stay is closed.
   */
  boolean makeWayFor(PeerSession session) {
    for (PeerSession other : List.copyOf(all)) {
      if (other.peerId().equals(session.peerId())) {
        // Both sides dialled: both keep the connection that the lower peer id began.
        boolean keepNew = session.wasDialled() == (ownId.compareTo(session.peerId()) < 0);
        if (!keepNew || other.wasDialled() == session.wasDialled()) {
          return false;
        }
        other.close();
      }
    }
    return true;
  }

  void add(PeerSession session) {
    all.add(session);
  }

  /** Forgets one that has ended; false if it isn't here. */
  boolean remove(PeerSession session) {
    if (!all.remove(session)) {
      return false;
    }
    uploadedByGone += session.status().uploaded();
    session.pieces().stream().forEach(this::lost);
    return true;
  }

  /** A peer has a piece that it didn't have. */
  void gained(int piece) {
    copies[piece]++;
  }

  /** A peer no longer has a piece, or has gone. */
  void lost(int piece) {
    copies[piece]--;
  }

  /** How many peers have a piece. */
  int copies(int piece) {
    return copies[piece];
  }

  /** Our share of what we and the peers that aren't roots fetch. */
  WantList.Stripe stripe() {
    int nodes = 1;
    int share = 0;
    for (PeerSession session : all) {
      if (!session.isRoot()) {
        nodes++;
        share += session.peerId().compareTo(ownId) < 0 ? 1 : 0;
      }
    }
    return new WantList.Stripe(share, nodes);
  }

  /** Asks every peer for as much as it should be asked for now. */
  void request() {
    for (PeerSession session : List.copyOf(all)) {
      session.request();
      session.flush();
    }
  }

  /** Some peer's requests are held for another's sake; they are looked at again, soon. */
  void held() {
    if (!heldLater) {
      heldLater = true;
      var unused =
          loop.schedule(
              HELD_MILLIS,
              () -> {
                heldLater = false;
                serve();
                // Whoever is still held says so, and is looked at once more.
                List.copyOf(all).forEach(PeerSession::flush);
              });
    }
  }

  /** Of a root seed: who is waiting for the earliest piece is served first. */
  void serve() {
    long now = System.nanoTime();
    List<PeerSession> waiting = new ArrayList<>(all);
    waiting.removeIf(session -> session.nextUpload(now) < 0);
    waiting.sort(Comparator.comparingInt(session -> session.nextUpload(now)));
    waiting.forEach(PeerSession::flush);
  }

  /** Tells all peers that a piece is here; it leaves with what they are sent next. */
  void announce(int piece) {
    for (PeerSession session : List.copyOf(all)) {
      session.announce(piece);
    }
  }

  /** After an eviction: whoever can't be told otherwise gets a new connection, a new bitfield. */
  void takeBack(BitSet evicted) {
    for (PeerSession session : List.copyOf(all)) {
      if (!session.takeBack(evicted)) {
        session.close();
      }
    }
  }

  void tick(long now) {
    for (PeerSession session : List.copyOf(all)) {
      session.tick(now);
    }
  }

  void close() {
    for (PeerSession session : List.copyOf(all)) {
      session.close();
    }
  }

  /** Whether what is asked of any peer may be waited for. */
  boolean isAnyBringing(long now) {
    return all.stream().anyMatch(session -> session.isBringing(now));
  }

  /** Disconnects whoever is at an address. */
  void closeFrom(InetAddress address) {
    for (PeerSession session : List.copyOf(all)) {
      if (session.remote().getAddress().equals(address)) {
        session.close();
      }
    }
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Whether a peer that we dialled at an address is connected. */
  boolean has(InetSocketAddress address) {
    return all.stream().anyMatch(s -> s.wasDialled() && s.remote().equals(address));
  }

  boolean has(PeerId peer) {
    return all.stream().anyMatch(session -> session.peerId().equals(peer));
  }

  List<SwarmDetails.Peer> details() {
    return all.stream().map(PeerSession::details).toList();
  }

  List<SwarmStatus.PeerStatus> status() {
    return all.stream().map(PeerSession::status).toList();
  }

  /** Bytes of blocks sent by sessions that are not here any more. */
  long uploadedByGone() {
    return uploadedByGone;
  }
}
