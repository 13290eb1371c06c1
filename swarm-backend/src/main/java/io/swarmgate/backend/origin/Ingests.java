package io.swarmgate.backend.origin;

import io.swarmgate.backend.metainfo.ContentHashes;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.Incoming;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;

/** What a site takes in from its origins, and what that is made a torrent with. Thread-safe. */
final class Ingests implements Executor {
  private final EdgeSetup setup;
  private final Publication publication;
  private final LongConsumer fetched;
  private final Set<Ingest> running = ConcurrentHashMap.newKeySet();

  /** Makes a generation of what the store has a torrent of now. */
  @FunctionalInterface
  interface Publication {
    CompletionStage<Generation> publish(IngestFrom from, Metainfo metainfo);
  }

  /**
   * Takes what it works with.
   *
   * @param fetched told of bytes that came
   */
  Ingests(EdgeSetup setup, Publication publication, LongConsumer fetched) {
    this.setup = setup;
    this.publication = publication;
    this.fetched = fetched;
  }

  /**
   * Makes room for a file. Blocks on the disk.
   *
   * @throws IOException if there is none, or as much is being taken in as may be
   */
  Ingest begin(IngestFrom from, PieceLayout layout, Ingest.Owner owner) throws IOException {
    if (!from.origin().longAnswers().isFree()) {
      throw new IOException("as many files are taken in from " + from.origin() + " as may be");
    }
    Incoming incoming = setup.files().receive(layout);
    running.removeIf(Ingest::isOver);
    Ingest made =
        new Ingest(from, incoming, owner, new Lane(setup.ingest()), setup.clock(), fetched);
    running.add(made);
    return made;
  }

  Metainfo encode(ContentHashes hashes, String name) {
    return hashes.encode(setup.codec(), name, setup.secret().bytes());
  }

  CompletionStage<Generation> publish(IngestFrom from, Metainfo metainfo) {
    return publication.publish(from, metainfo);
  }

  /** Where readers' waiters run. */
  Executor handOff() {
    return setup.work();
  }

  /** Runs what may wait for the disk. */
  @Override
  public void execute(Runnable task) {
    setup.ingest().execute(task);
  }

  /** Gives up what is being taken in. */
  void close() {
    running.forEach(Ingest::abandon);
  }
}
