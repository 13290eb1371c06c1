package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.TorrentFacts;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a site's generations: of metainfo that an origin has, of what an earlier run noted, and of
 * what is taken in here. Counts what they bring from origins. Thread-safe.
 */
final class Generations implements Learner.Maker {
  private static final Logger LOG = LoggerFactory.getLogger(Generations.class);

  private final SiteConfig site;
  private final EdgeSetup setup;
  private final OriginClient client;
  private final BiConsumer<String, Generation> onHashed;
  private final Ingests ingests;
  private final LongAdder fetched = new LongAdder();

  /**
   * Makes none yet.
   *
   * @param onHashed told, on any thread, of what was taken in and has a torrent now, and its URL
   */
  Generations(
      SiteConfig site,
      EdgeSetup setup,
      OriginClient client,
      BiConsumer<String, Generation> onHashed) {
    this.site = site;
    this.setup = setup;
    this.client = client;
    this.onHashed = onHashed;
    this.ingests = new Ingests(setup, this::takenIn, fetched::add);
  }

  @Override
  public CompletionStage<Generation> make(
      Target target, Head head, Origin origin, Metainfo metainfo) {
    return make(target, head, origin.base().toString(), TorrentFacts.of(metainfo), metainfo, false);
  }

  @Override
  public Generation ingest(String key, Target target, Head head, Origin origin) {
    return new IngestedGeneration(
        new IngestFrom(client, origin, target, head, List.of()),
        ingests,
        made -> onHashed.accept(key, made));
  }

  /** Makes what was noted of a torrent that is in the store. */
  CompletionStage<Generation> restore(EdgeNote note) {
    return make(note.target(), note.head(), note.origin(), note.facts(), null, note.ours());
  }

  private CompletionStage<Generation> takenIn(IngestFrom from, Metainfo metainfo) {
    return make(
        from.target(),
        from.head(),
        from.origin().base().toString(),
        TorrentFacts.of(metainfo),
        null,
        true);
  }

  /**
   * Makes one of a torrent.
   *
   * @param learned its metainfo; null if the store has it
   * @param ours whether its metainfo was made here
   */
  private CompletionStage<Generation> make(
      Target target,
      Head head,
      String origin,
      TorrentFacts facts,
      @Nullable Metainfo learned,
      boolean ours) {
    PieceOpener pieces = new PieceOpener(setup.files(), facts.infoHash(), learned, ours);
    String etag = head.validator().isStrong() ? head.validator().etag() : null;
    return setup
        .torrents()
        .use(facts.infoHash(), setup.files(), pieces, () -> delete(facts))
        .thenApply(
            use ->
                new SwarmGeneration(
                    site,
                    client,
                    target,
                    etag,
                    origin,
                    facts,
                    use,
                    pieces,
                    setup.files(),
                    ours,
                    fetched::add,
                    setup.work(),
                    setup.clock()));
  }

  private void delete(TorrentFacts facts) {
    try {
      setup.files().delete(facts.infoHash());
    } catch (IOException e) {
      LOG.warn("Could not delete {}: {}", facts, e.toString());
    }
  }

  /** Bytes that have come from origins. */
  long fetched() {
    return fetched.sum();
  }

  /** Gives up what is being taken in. */
  void close() {
    ingests.close();
  }
}
