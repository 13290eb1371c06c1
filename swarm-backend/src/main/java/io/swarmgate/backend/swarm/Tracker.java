package io.swarmgate.backend.swarm;

import java.util.concurrent.CompletionStage;

/** A server that tells the peers of a swarm where the others are (BEP 3, BEP 15). Thread-safe. */
public interface Tracker {
  /**
   * Tells it that we are there, and asks who else is. Never blocks; completes within a bounded
   * time, on any thread. Fails with {@link TrackerRefusedException} if the tracker answered that it
   * won't have this torrent, and with another exception if it didn't answer as it should.
   */
  CompletionStage<Announced> announce(Announce announce);

  /** Its name in logs: scheme, host and port, for the rest of an announce URL may be a secret. */
  @Override
  String toString();
}
