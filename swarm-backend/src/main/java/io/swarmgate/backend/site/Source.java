package io.swarmgate.backend.site;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.observe.Provenance;
import io.swarmgate.backend.status.FileStatus;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** Where one site's content comes from. Thread-safe between start and close. */
public interface Source extends AutoCloseable {
  /**
   * Starts its work in the background.
   *
   * @throws IOException if it can't, with what was expected and what came
   */
  void start() throws IOException;

  /**
   * Decides about a request; {@link Outcome.Next} if another source may know better. No blocking.
   */
  CompletionStage<Outcome> open(SiteRequest request);

  /** What this node is to the site: {@code publisher}, {@code catalogue} or {@code edge}. */
  String role();

  /** Where its content comes from that doesn't tell by itself. */
  default Provenance provenance() {
    return Provenance.STORE;
  }

  /** The files known. */
  List<FileStatus> files();

  /** Bytes of origins' responses streamed through. */
  default long passedThrough() {
    return 0;
  }

  /** Bytes of pieces fetched from origins. */
  default long fetchedPieces() {
    return 0;
  }

  /**
   * Forgets what is kept of some files: pieces, metainfo, and what the origin said of them. Returns
   * before all is deleted; {@link Torrents#settled} tells when it is. A publisher's own files are
   * not kept, and stay.
   *
   * @param paths whether a decoded path is among them
   * @param abort whether responses that run are cut off; else they end first
   */
  default Purged purge(Predicate<String> paths, boolean abort) {
    return Purged.NOTHING;
  }

  /** Ends its work; waits for what it has under way on its own threads. Idempotent. */
  @Override
  void close();
}
