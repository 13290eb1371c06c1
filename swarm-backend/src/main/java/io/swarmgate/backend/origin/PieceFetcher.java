package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.swarm.Swarm;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches single pieces of one generation from its origin, each at most once at a time and within a
 * budget. Thread-safe; never blocks.
 */
final class PieceFetcher {
  private static final Logger LOG = LoggerFactory.getLogger(PieceFetcher.class);

  private final OriginClient client;
  private final Target target;
  private final PieceLayout layout;
  private final @Nullable String etag;
  private final PieceBudget budget;
  private final BooleanSupplier peersHaveAny;
  private final LongConsumer fetched;
  private final Runnable onChanged;
  private final Set<Integer> inFlight = ConcurrentHashMap.newKeySet();

  /** Pieces that came from the origin, or are about to. Guarded by itself. */
  private final BitSet brought = new BitSet();

  /**
   * Takes what is fetched from where.
   *
   * @param etag the origin's strong entity-tag; null if it has none
   * @param peersHaveAny whether waiting for peers makes sense; the budget counts only then
   * @param fetched told of bytes that came
   * @param onChanged told that the origin seems to have another version
   */
  PieceFetcher(
      OriginClient client,
      Target target,
      PieceLayout layout,
      @Nullable String etag,
      PieceBudget budget,
      BooleanSupplier peersHaveAny,
      LongConsumer fetched,
      Runnable onChanged) {
    this.client = client;
    this.target = target;
    this.layout = layout;
    this.etag = etag;
    this.budget = budget;
    this.peersHaveAny = peersHaveAny;
    this.fetched = fetched;
    this.onChanged = onChanged;
  }

  /** Begins to fetch a piece for a swarm, unless that is under way or the budget is used up. */
  void fetch(int piece, Swarm swarm) {
    if (!inFlight.add(piece)) {
      return;
    }
    int length = layout.length(piece);
    if (!budget.take(length) && peersHaveAny.getAsBoolean()) {
      inFlight.remove(piece);
      LOG.debug("{}: piece {} waits for peers, the origin's budget is used up", target, piece);
      return;
    }
    ByteSpan span = layout.span(piece);
    client
        .range(target, fields(span), length)
        .thenCompose(response -> offer(piece, span, response, swarm))
        .whenComplete(
            (right, e) -> {
              inFlight.remove(piece);
              if (e != null) {
                LOG.warn("{}: piece {}: {}", target, piece, OriginClient.cause(e).toString());
              } else if (!right) {
                LOG.warn(
                    "{}: piece {} from the origin: expected what the metainfo promises, got other"
                        + " bytes",
                    target,
                    piece);
                onChanged.run();
              }
            });
  }

  /** Whether a piece that is here came from the origin. */
  boolean hasBrought(int piece) {
    synchronized (brought) {
      return brought.get(piece);
    }
  }

  private void setBrought(int piece, boolean value) {
    synchronized (brought) {
      brought.set(piece, value);
    }
  }

  private List<Field> fields(ByteSpan span) {
    Field range = new Field("Range", "bytes=" + span.start() + "-" + (span.end() - 1));
    String validator = etag;
    return validator == null
        ? List.of(range)
        : List.of(range, new Field("If-Match", validator), new Field("If-Range", validator));
  }

  private CompletionStage<Boolean> offer(
      int piece, ByteSpan span, HttpResponse<byte[]> response, Swarm swarm) {
    String expected = "bytes " + span.start() + "-" + (span.end() - 1) + "/" + layout.length();
    String range = response.headers().firstValue("Content-Range").orElse("no Content-Range");
    byte[] body = response.body();
    if (response.statusCode() != 206
        || !range.equalsIgnoreCase(expected)
        || body.length != span.length()) {
      if (response.statusCode() < 500) {
        onChanged.run();
      }
      return CompletableFuture.failedStage(
          new IOException(
              "expected 206 with "
                  + expected
                  + ", got "
                  + response.statusCode()
                  + " with "
                  + range
                  + " and "
                  + body.length
                  + " bytes"));
    }
    fetched.accept(body.length);
    // Before the offer, which wakes readers that ask.
    setBrought(piece, true);
    return swarm
        .offer(piece, ByteBuffer.wrap(body))
        .whenComplete(
            (right, e) -> {
              if (e != null || !right) {
                setBrought(piece, false);
              }
            });
  }
}
