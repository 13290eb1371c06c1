package io.swarmgate.backend.swarm;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.Metainfo;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/** One torrent, awake. Thread-safe: every call is handed to the loop that owns its state. */
public interface Swarm {
  Metainfo metainfo();

  /**
   * Opens a reader over the torrent's bytes.
   *
   * @param policy how long it waits for what, and who is asked when peers are too slow
   */
  ContentReader reader(ReadPolicy policy);

  /** Whether pieces that no reader wants are fetched too, rarest first. Off to begin with. */
  void fill(boolean everything);

  /**
   * Offers a piece that came from elsewhere, an origin: checked like a peer's, stored like a
   * peer's. Completes with whether the hash was right; exceptionally if it couldn't be stored.
   */
  CompletionStage<Boolean> offer(int piece, ByteBuffer data);
}
