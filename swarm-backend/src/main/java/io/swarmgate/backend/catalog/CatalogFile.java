package io.swarmgate.backend.catalog;

import io.swarmgate.backend.config.Fill;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Digests;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.metainfo.PieceSpan;
import io.swarmgate.backend.origin.EdgeFiles;
import io.swarmgate.backend.origin.PieceOrigin;
import io.swarmgate.backend.origin.Tally;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.WakingReader;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.Swarm;
import io.swarmgate.backend.system.FileGuard;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One version of one URL's content in a catalogue: a span of a torrent. Keeps no metainfo, only
 * what answers need. Whoever knows it, serves it or reads it holds a pin; with the last pin its use
 * of the torrent goes. Born with one pin. Thread-safe.
 */
final class CatalogFile {
  private static final byte[] ETAG_DOMAIN =
      "swarmgate-catalog-1\n".getBytes(StandardCharsets.US_ASCII);

  private final Path torrent;
  private final FileGuard guard;
  private final ByteSpan span;
  private final PieceLayout layout;
  private final EdgeFiles files;
  private final Optional<byte[]> sha256;
  private final Validator validator;
  private final Fill fill;
  private final Torrents.Use use;
  private final @Nullable PieceOrigin origin;
  private final Executor pool;
  private final AtomicInteger pins = new AtomicInteger(1);
  private volatile Runnable gone = () -> {};

  /**
   * Takes its facts from the metainfo, which is not kept.
   *
   * @param torrent the .torrent file, by its real path
   * @param guard what that looked like when {@code metainfo} was read
   * @param span where the file's bytes lie in the torrent's; not empty
   * @param files keeps the pieces
   * @param origin where else its pieces can be had; null if peers are all there is
   * @param pool where the torrent is woken, and what waits for that runs
   */
  CatalogFile(
      Path torrent,
      FileGuard guard,
      Metainfo metainfo,
      ByteSpan span,
      EdgeFiles files,
      Fill fill,
      Torrents.Use use,
      @Nullable PieceOrigin origin,
      Executor pool) {
    this.torrent = torrent;
    this.guard = guard;
    this.span = span;
    this.layout = metainfo.layout();
    this.files = files;
    this.sha256 =
        span.length() == metainfo.layout().length() ? metainfo.sha256() : Optional.empty();
    this.validator =
        new Validator(
            '"' + HexFormat.of().formatHex(sha256.orElseGet(() -> identity(metainfo, span))) + '"',
            guard.modified().truncatedTo(ChronoUnit.SECONDS));
    this.fill = fill;
    this.use = use;
    this.origin = origin;
    this.pool = pool;
  }

  /**
   * Names the bytes by the hashes of the pieces that hold them, and where they lie in those. Unlike
   * the info-hash it doesn't change with the torrent's name, salt or other files.
   */
  private static byte[] identity(Metainfo metainfo, ByteSpan span) {
    PieceLayout layout = metainfo.layout();
    PieceSpan pieces = layout.pieces(span);
    MessageDigest digest = Digests.sha256();
    digest.update(ETAG_DOMAIN);
    digest.update(
        ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES)
            .putInt(layout.pieceLength())
            .putLong(span.start() - layout.start(pieces.first()))
            .putLong(span.length())
            .flip());
    return digest.digest(metainfo.hashes(pieces));
  }

  /** Whether it was made from this state of this .torrent file. */
  boolean isOf(Path file, FileGuard now) {
    return torrent.equals(file) && guard.equals(now);
  }

  InfoHash infoHash() {
    return use.infoHash();
  }

  /** Whether anybody knows it, serves it or reads it. */
  boolean isPinned() {
    return pins.get() > 0;
  }

  /** Names what is done with its last pin. The caller knows that there is one. */
  void whenGone(Runnable what) {
    gone = what;
  }

  /** Where it begins in the torrent's bytes. */
  long offset() {
    return span.start();
  }

  long length() {
    return span.length();
  }

  Validator validator() {
    return validator;
  }

  /** The content's SHA-256, where the torrent tells. */
  Optional<byte[]> sha256() {
    return sha256;
  }

  /** How many bytes of a part of the content are here. */
  long held(ByteSpan part) {
    return Tally.held(
        layout,
        files.pieces(infoHash()),
        new ByteSpan(span.start() + part.start(), span.start() + part.end()));
  }

  /** Takes a pin; false if the last one was given back already. */
  boolean pin() {
    return pins.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
  }

  /** Gives a pin back. */
  void release() {
    if (pins.decrementAndGet() == 0) {
      use.release();
      gone.run();
    }
  }

  /** Opens a reader that has a pin of its own, and wakes the torrent; the caller holds a pin. */
  ContentReader reader() {
    if (!pin()) {
      throw new IllegalStateException(torrent + " is closed");
    }
    PieceOrigin other = origin;
    Tally tally =
        new Tally(
            layout, files.pieces(infoHash()), piece -> other != null && other.hasBrought(piece));
    return new SpanReader(WakingReader.of(use, this::reader, pool), span, tally, this::release);
  }

  private ContentReader reader(Supplier<Swarm> join) {
    Swarm swarm = join.get();
    if (fill == Fill.FULL) {
      swarm.fill(true);
    }
    return origin == null ? swarm.reader(ReadPolicy.PEERS_ONLY) : origin.reader(swarm);
  }
}
