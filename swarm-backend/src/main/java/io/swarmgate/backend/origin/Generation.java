package io.swarmgate.backend.origin;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.TorrentFacts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of one URL's content on an edge. Whoever knows it, serves it or reads it holds a pin;
 * with the last pin it goes. Born with one pin. Thread-safe.
 */
interface Generation {
  /** Its torrent; null as long as it has none, because it is being taken in. */
  @Nullable TorrentFacts facts();

  Target target();

  /** Whether its metainfo is made here, so that others may have it from here. */
  boolean isOurs();

  /** Bytes hashed so far of what is taken in; all of them otherwise. */
  long hashed();

  /** Whether the origin seems to have another version by now. */
  boolean isSuspect();

  /** Notes that the origin still has this version. */
  void confirmed();

  /** Takes a pin; false if the last one was given back already. */
  boolean pin();

  /** Gives a pin back. */
  void release();

  /** Whether anybody knows it, serves it or reads it. */
  boolean isPinned();

  /** Gives up taking it in, so that whoever reads it fails; nothing if it has a torrent. */
  void abandon();

  /** Whether it can't be read, so that the origin has to answer. */
  boolean isBroken();

  /** Whether asking for it anew would be in vain for a while, if it is broken. */
  boolean isUnusable();

  /** Whether this request's bytes can be had in time. */
  boolean canServe(RequestView request);

  /**
   * Makes sure that the store has a place for it. Blocks on the disk the first time.
   *
   * @param asked fields to ask the origin with, should it be taken in: who wants it first shows its
   *     credentials
   * @throws java.io.UncheckedIOException if the store can't take it
   */
  void keep(List<Field> asked);

  /** Whether {@link #keep} has nothing to do, and so doesn't block. */
  boolean isKept();

  /** How many bytes of a span are here. */
  long held(ByteSpan span);

  /** Whether all that is missing of a span is on its way from the origin, for whomever. */
  boolean comes(ByteSpan span);

  /** Whether its swarm has been slower than its origin for a while. */
  boolean isSlow();

  /**
   * Opens a reader that has a pin of its own; the caller holds a pin, and has called {@link #keep}.
   *
   * @param asked fields to ask the origin for pieces with
   */
  ContentReader reader(List<Field> asked);
}
