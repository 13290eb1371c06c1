package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.Digests;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks whole pieces of one torrent and stores those whose hash holds, and no others: the only way
 * into the store. Hashing and storing happen on a pool; its own state, and the outcome, belong to
 * the loop.
 */
final class PieceChecks {
  private static final Logger LOG = LoggerFactory.getLogger(PieceChecks.class);

  /** What comes of pieces. Called on the loop. */
  interface Outcome {
    /** A piece is here and verified. */
    void stored(int piece);

    /** A piece is not here after all and has to be fetched. */
    void absent(int piece);

    /** A piece's hash was wrong; {@link #absent} follows. */
    default void wrong(int piece, String senders) {}

    /** A right piece could not be stored. */
    void storeFailed();

    /** A peer sent wrong bytes, for certain. */
    void guilty(BlockSource peer);
  }

  private enum Result {
    STORED,
    WRONG,
    NOT_STORED
  }

  private final PieceStore store;
  private final Metainfo metainfo;
  private final PiecePicker picker;
  private final Executor loop;
  private final Executor pool;
  private final Outcome outcome;

  /** Of pieces that failed and came from several peers, until the right piece is here. */
  private final Map<Integer, Evidence> evidence = new HashMap<>();

  /** Whether the store failed last time, so that a failure is told once and not for each piece. */
  private boolean failing;

  PieceChecks(PieceStore store, PiecePicker picker, Executor loop, Executor pool, Outcome outcome) {
    this.store = store;
    this.metainfo = store.metainfo();
    this.picker = picker;
    this.loop = loop;
    this.pool = pool;
    this.outcome = outcome;
  }

  /** Checks a piece whose blocks are all here. */
  void check(ActivePiece piece) {
    Evidence before = evidence.get(piece.index);
    pool.execute(
        () -> {
          ByteBuffer data = piece.data.position(0);
          Result result = keep(piece.index, data);
          Evidence now =
              result == Result.WRONG && piece.senders().size() > 1 ? Evidence.of(piece) : null;
          Set<BlockSource> guilty =
              result == Result.WRONG ? guiltyAlone(piece) : culprits(before, piece.index, data);
          loop.execute(
              () -> {
                picker.giveBack(piece);
                if (result == Result.WRONG) {
                  wrong(piece, now);
                } else {
                  right(piece.index, result);
                }
                guilty.forEach(outcome::guilty);
              });
        });
  }

  private static Set<BlockSource> guiltyAlone(ActivePiece piece) {
    return piece.senders().size() == 1 ? piece.senders() : Set.of();
  }

  private Set<BlockSource> culprits(@Nullable Evidence before, int piece, ByteBuffer right) {
    return before == null
        ? Set.of()
        : before.culprits(right, block -> metainfo.layout().blockLength(piece, block));
  }

  private void wrong(ActivePiece piece, @Nullable Evidence of) {
    LOG.warn(
        "Piece {} of {} failed its hash; it came from {}",
        piece.index,
        metainfo.name(),
        piece.senders());
    if (of != null) {
      evidence.putIfAbsent(piece.index, of);
    }
    outcome.wrong(piece.index, piece.senders().toString());
    picker.failed(piece.index);
    outcome.absent(piece.index);
  }

  private void right(int piece, Result result) {
    evidence.remove(piece);
    picker.checked(piece);
    if (result == Result.STORED) {
      outcome.stored(piece);
    } else {
      outcome.storeFailed();
    }
  }

  /** Checks a piece that was here before an unclean stop. */
  void verify(int piece) {
    picker.check(piece);
    pool.execute(
        () -> {
          boolean verified = isVerified(piece);
          loop.execute(
              () -> {
                picker.checked(piece);
                if (verified) {
                  outcome.stored(piece);
                } else {
                  outcome.absent(piece);
                }
              });
        });
  }

  private boolean isVerified(int piece) {
    try {
      return store.verify(piece);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Piece {} of {} can't be read back: {}", piece, metainfo.name(), e.toString());
      return false;
    }
  }

  /**
   * Checks a piece that came from elsewhere. From any thread; completes with whether its hash was
   * right, exceptionally if it could not be stored.
   */
  CompletionStage<Boolean> offer(int piece, ByteBuffer data) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    if (data.remaining() != metainfo.layout().length(piece)) {
      done.complete(false);
      return done;
    }
    loop.execute(() -> check(piece, data.slice(), evidence.get(piece), done));
    return done;
  }

  private void check(
      int piece, ByteBuffer data, @Nullable Evidence before, CompletableFuture<Boolean> done) {
    pool.execute(
        () -> {
          Result result = keep(piece, data);
          Set<BlockSource> guilty =
              result == Result.WRONG ? Set.of() : culprits(before, piece, data);
          loop.execute(
              () -> {
                if (result == Result.STORED) {
                  picker.check(piece);
                  right(piece, result);
                }
                guilty.forEach(outcome::guilty);
              });
          if (result == Result.NOT_STORED) {
            done.completeExceptionally(new IOException("piece " + piece + " could not be stored"));
          } else {
            done.complete(result == Result.STORED);
          }
        });
  }

  private Result keep(int piece, ByteBuffer data) {
    MessageDigest sha1 = Digests.sha1();
    sha1.update(data.duplicate());
    if (!metainfo.matches(piece, sha1.digest())) {
      return Result.WRONG;
    }
    try {
      store.write(piece, data.duplicate());
      told(null, piece);
      return Result.STORED;
    } catch (IOException | RuntimeException e) {
      // Whatever it was, the piece must not count as being checked for good.
      told(e, piece);
      return Result.NOT_STORED;
    }
  }

  private synchronized void told(@Nullable Exception failure, int piece) {
    if (failure != null && !failing) {
      LOG.warn("Piece {} of {} can't be stored: {}", piece, metainfo.name(), failure.toString());
    } else if (failure == null && failing) {
      LOG.info("Pieces of {} can be stored again", metainfo.name());
    }
    failing = failure != null;
  }
}
