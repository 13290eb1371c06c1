package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.Swarm;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An origin's files as the source of a catalogue's pieces that peers are too slow to bring: under
 * the same URLs, and in no way known to be the same but by the pieces' hashes. One that has other
 * bytes is left alone for a while. Within the budget of an edge. Thread-safe; never blocks.
 */
public final class PieceOrigin {
  private static final Logger LOG = LoggerFactory.getLogger(PieceOrigin.class);
  private static final Duration STALL_LIMIT = Duration.ofSeconds(20);

  /** How soon an origin is asked again that had other bytes, or none. */
  private static final Duration LATER = Duration.ofMinutes(10);

  private final Duration maxStall;
  private final OriginClient client;
  private final Clock clock;
  private final UrlPath url;
  private final PieceBudget budget;
  private final Torrents.Use use;
  private final LongConsumer fetched;
  private final Brought brought = new Brought();
  private final Set<Integer> inFlight = ConcurrentHashMap.newKeySet();
  private volatile Instant notBefore = Instant.MIN;

  /** Some of a piece: bytes of one file, which has so many in all. */
  private record Part(Target target, ByteSpan span, long length) {
    Field range() {
      return new Field("Range", "bytes=" + span.start() + "-" + (span.end() - 1));
    }

    String contentRange() {
      return "bytes " + span.start() + "-" + (span.end() - 1) + "/" + length;
    }
  }

  /** Thrown where the origin answers, but not with these files. */
  private static final class OtherContentException extends IOException {
    private static final long serialVersionUID = 1L;

    OtherContentException(String message) {
      super(message);
    }
  }

  PieceOrigin(
      Duration maxStall,
      OriginClient client,
      Clock clock,
      UrlPath url,
      PieceBudget budget,
      Torrents.Use use,
      LongConsumer fetched) {
    this.maxStall = maxStall;
    this.client = client;
    this.clock = clock;
    this.url = url;
    this.budget = budget;
    this.use = use;
    this.fetched = fetched;
  }

  /** Opens a reader that has the origin asked for what it waits for too long. */
  public ContentReader reader(Swarm swarm) {
    ReadPolicy policy = new ReadPolicy(maxStall, STALL_LIMIT, piece -> fetch(piece, swarm));
    return new PinnedReader(swarm.reader(policy), budget, null, () -> {});
  }

  private void fetch(int piece, Swarm swarm) {
    if (clock.instant().isBefore(notBefore) || !inFlight.add(piece)) {
      return;
    }
    CompletionStage<Boolean> offered;
    try {
      Metainfo metainfo = swarm.metainfo();
      int length = metainfo.layout().length(piece);
      if (budget.take(length) || !use.hasSources()) {
        offered =
            bytes(parts(metainfo, metainfo.layout().span(piece)), length)
                .thenCompose(bytes -> brought.offer(swarm, piece, bytes));
      } else {
        LOG.debug("{}: piece {} waits for peers, the origin's budget is used up", url, piece);
        offered = CompletableFuture.completedStage(true);
      }
    } catch (IOException | RuntimeException e) {
      offered = CompletableFuture.failedStage(e);
    }
    offered.whenComplete(
        (right, e) -> {
          if (e != null) {
            failed(piece, OriginClient.cause(e));
          } else if (!right) {
            failed(
                piece,
                new OtherContentException("expected what the .torrent promises, got other bytes"));
          }
          // Last of all, so that nobody asks again between the two.
          inFlight.remove(piece);
        });
  }

  /** Whether a piece that is here came from the origin. */
  public boolean hasBrought(int piece) {
    return brought.has(piece);
  }

  private void failed(int piece, Throwable cause) {
    if (!(cause instanceof OtherContentException)) {
      LOG.warn("{}: piece {} from the origin: {}", url, piece, cause.toString());
      return;
    }
    Instant now = clock.instant();
    if (!now.isBefore(notBefore)) {
      notBefore = now.plus(LATER);
      LOG.warn(
          "{}: the origin is not asked for pieces for {} min; piece {}: {}",
          url,
          LATER.toMinutes(),
          piece,
          cause.getMessage());
    }
  }

  /** What lies where of a piece, in order. */
  private List<Part> parts(Metainfo metainfo, ByteSpan piece) throws IOException {
    List<Part> parts = new ArrayList<>();
    for (Metainfo.FileEntry file : metainfo.files()) {
      long start = Math.max(piece.start(), file.span().start());
      long end = Math.min(piece.end(), file.span().end());
      if (start < end) {
        String path = url.decoded() + (metainfo.isSingleFile() ? "" : "/" + file.path());
        if (!UrlPath.isServable(path)) {
          throw new OtherContentException("expected files that have URLs, got " + file.path());
        }
        ByteSpan span = new ByteSpan(start - file.span().start(), end - file.span().start());
        Target target = new Target(new UrlPath(path).encoded());
        parts.add(new Part(target, span, file.span().length()));
      }
    }
    return parts;
  }

  private CompletionStage<ByteBuffer> bytes(List<Part> parts, int length) {
    CompletionStage<ByteBuffer> all = CompletableFuture.completedStage(ByteBuffer.allocate(length));
    for (Part part : parts) {
      all = all.thenCompose(sofar -> bytes(part).thenApply(sofar::put));
    }
    return all.thenApply(ByteBuffer::flip);
  }

  private CompletionStage<byte[]> bytes(Part part) {
    return client.each(
        origin ->
            client
                .range(
                    origin,
                    part.target(),
                    List.of(part.range()),
                    (int) part.span().length(),
                    new Call())
                .thenCompose(answer -> check(part, answer.response())));
  }

  private CompletionStage<byte[]> check(Part part, HttpResponse<byte[]> response) {
    String range = response.headers().firstValue("Content-Range").orElse("no Content-Range");
    byte[] body = response.body();
    if (response.statusCode() == 206
        && range.equalsIgnoreCase(part.contentRange())
        && body.length == part.span().length()) {
      fetched.accept(body.length);
      return CompletableFuture.completedStage(body);
    }
    String message =
        part.target()
            + ": expected 206 with "
            + part.contentRange()
            + ", got "
            + response.statusCode()
            + " with "
            + range
            + " and "
            + body.length
            + " bytes";
    // A server error, or a body that broke off, says nothing about the content.
    boolean other = response.statusCode() < 500 && !range.equalsIgnoreCase(part.contentRange());
    return CompletableFuture.failedStage(
        other ? new OtherContentException(message) : new IOException(message));
  }
}
