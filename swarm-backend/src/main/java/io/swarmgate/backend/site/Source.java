package io.swarmgate.backend.site;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.status.FileStatus;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;

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

  /** Ends its work; waits for what it has under way on its own threads. Idempotent. */
  @Override
  void close();
}
