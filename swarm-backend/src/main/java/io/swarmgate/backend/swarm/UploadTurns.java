package io.swarmgate.backend.swarm;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Lets those that the upload limit keeps waiting send in turn, as soon as it allows. Owned by the
 * loop.
 */
final class UploadTurns {
  private final EventLoop loop;
  private final UploadLimit limit;
  private final Set<PeerSession> waiting = new LinkedHashSet<>();

  UploadTurns(EventLoop loop, UploadLimit limit) {
    this.loop = loop;
    this.limit = limit;
  }

  /** Lets a peer wait for its turn, in which it is flushed. */
  void add(PeerSession peer) {
    boolean first = waiting.isEmpty();
    waiting.add(peer);
    if (first) {
      var unused = loop.schedule(limit.waitMillis(System.nanoTime()), this::flush);
    }
  }

  private void flush() {
    List<PeerSession> turn = List.copyOf(waiting);
    waiting.clear();
    for (PeerSession peer : turn) {
      peer.flush();
    }
  }
}
