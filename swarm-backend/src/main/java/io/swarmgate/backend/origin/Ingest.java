package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.ContentHashes;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.Incoming;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one version of a file in from an origin without metainfo: what is asked for is {@link
 * IngestRequests}' business, what has come {@link IngestContent}'s, who reads it {@link
 * IngestReaders}'; here is what failed, and how it ends.
 *
 * <p>Its state belongs to its lane, but for how it ended, which any thread may look at.
 */
final class Ingest implements IngestStream.Receiver, IngestContent.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

  private static final int MAX_FAILURES = 6;

  /** How long it waits for its first reader. */
  private static final Duration UNREAD = Duration.ofSeconds(30);

  /** How it ended short of its end. */
  enum Verdict {
    /** The origin has another version, or none. */
    CHANGED,
    /** The origin, or the disk, failed for too long. */
    FAILED,
    /** The origin's answers can't be used. */
    UNUSABLE,
    /** Nobody wants it any more. */
    ABANDONED
  }

  /** Told how it ends, on the lane. */
  interface Owner {
    /**
     * All is here and hashed. Completes when {@link #published} may be read from; a failure ends
     * the ingest.
     */
    CompletionStage<Generation> hashed(Incoming incoming, ContentHashes hashes) throws IOException;

    /** It ended without metainfo. */
    void ended(Verdict verdict);
  }

  private record Ending(Verdict verdict, IOException cause) {}

  private final IngestFrom from;
  private final Owner owner;
  private final Lane lane;
  private final IngestContent content;
  private final IngestRequests requests;
  private final PieceLayout layout;
  private final LongConsumer fetched;
  private final OriginTimeouts timeouts;
  private volatile @Nullable Ending ending;
  private volatile @Nullable Generation published;

  // Of the lane.

  private final IngestReaders readers = new IngestReaders();
  private boolean started;
  private boolean resting;
  private boolean ticking;
  private boolean complete;
  private int failures;

  /**
   * Takes what is needed; asks for nothing before it is started.
   *
   * @param incoming as long as the origin says the file is; given up if this fails
   * @param fetched told of bytes that came
   */
  Ingest(
      IngestFrom from,
      Incoming incoming,
      Owner owner,
      Lane lane,
      Clock clock,
      LongConsumer fetched) {
    this.from = from;
    this.owner = owner;
    this.lane = lane;
    this.content = new IngestContent(incoming, lane, this);
    this.requests = new IngestRequests(from, content, this, lane, clock);
    this.layout = incoming.layout();
    this.fetched = fetched;
    this.timeouts = from.client().timeouts();
    later(
        UNREAD,
        () -> {
          if (!started) {
            end(Verdict.ABANDONED, new IOException("nobody read it"));
          }
        });
  }

  // From any thread.

  PieceLayout layout() {
    return layout;
  }

  /** Bytes of which everything before is here. */
  long contiguous() {
    return content.contiguous();
  }

  /** Whether any position can be read soon, and not only once the pass in order gets there. */
  boolean hasRanges() {
    return requests.hasRanges();
  }

  /** The pieces that are here; a copy. */
  BitSet pieces() {
    return content.pieces();
  }

  /** Whether what is missing of a span comes, from its first byte on, whoever reads it. */
  boolean comes(ByteSpan span) {
    int first = content.pieces().nextClearBit(layout.pieceAt(span.start()));
    return first >= layout.pieceCount() || requests.isUnderWay(first);
  }

  /** What it has become; null until then. */
  @Nullable Generation published() {
    return published;
  }

  /** Whether nothing more comes of it. */
  boolean isOver() {
    return ending != null || published != null;
  }

  /**
   * Fails if it ended short of its end.
   *
   * @throws IOException what went wrong
   */
  void check() throws IOException {
    Ending ended = ending;
    if (ended != null) {
      throw new IOException(ended.cause().getMessage(), ended.cause());
    }
  }

  /** Bytes from a position on; null if they have not come. */
  @Nullable Slice slice(long position, int max) throws IOException {
    return content.slice(position, max);
  }

  /** Begins, if it hasn't. */
  void start() {
    lane.execute(
        () -> {
          if (!started) {
            started = true;
            LOG.info("{}: taking in {} bytes", from, layout.length());
            goOn();
          }
        });
  }

  void add(IngestReader reader) {
    lane.execute(() -> readers.add(reader));
  }

  void remove(IngestReader reader) {
    lane.execute(() -> readers.remove(reader));
  }

  /** A reader goes on at another piece. */
  void moved() {
    lane.execute(this::plan);
  }

  /** A reader waits for its position. */
  void waits(IngestReader reader) {
    lane.execute(
        () -> {
          if (ending != null || published != null || content.isShown(reader.position())) {
            reader.wake();
          } else {
            plan();
            tickLater();
          }
        });
  }

  /** Ends it, unless it has ended; who reads fails. */
  void abandon() {
    lane.execute(() -> end(Verdict.ABANDONED, new IOException(from + " is no longer served")));
  }

  // From here on, on the lane.

  private boolean isDone() {
    return ending != null || complete;
  }

  /** Keeps the pass in order going. */
  private void goOn() {
    if (started && !isDone() && !resting) {
      requests.goOn();
      tickLater();
    }
  }

  /** Asks for what readers wait for, or will soon, and the pass in order won't bring soon. */
  private void plan() {
    if (!started || isDone() || resting) {
      return;
    }
    readers.blockedFirst().forEach(requests::branchFor);
    tickLater();
  }

  @Override
  public void came(IngestStream stream, List<ByteBuffer> buffers) {
    failures = 0;
    for (ByteBuffer buffer : buffers) {
      while (buffer.hasRemaining() && !stream.closed) {
        take(stream, buffer);
      }
    }
  }

  private void take(IngestStream stream, ByteBuffer buffer) {
    if (stream.position == stream.span.end()) {
      tooMuch(stream);
      return;
    }
    int piece = layout.pieceAt(stream.position);
    int offset = (int) (stream.position - layout.start(piece));
    int count =
        (int)
            Math.min(
                Math.min(buffer.remaining(), layout.length(piece) - offset),
                stream.span.end() - stream.position);
    ByteBuffer part = buffer.slice(buffer.position(), count);
    buffer.position(buffer.position() + count);
    stream.moved(count);
    fetched.accept(count);
    content.put(piece, offset, part, stream.isCaughtUp());
    if (!stream.closed && requests.isToSkip(stream)) {
      done(stream);
    }
  }

  @Override
  public void shown(int piece) {
    readers.shown(piece, content);
  }

  private void tooMuch(IngestStream stream) {
    if (stream.span.end() == layout.length()) {
      end(
          Verdict.CHANGED,
          new IOException(from + ": expected " + layout.length() + " bytes, got more"));
    } else {
      done(stream);
    }
  }

  @Override
  public void completed(IngestStream stream) {
    if (stream.position == stream.span.end()) {
      done(stream);
    } else {
      failed(
          stream,
          new IOException(
              "expected bytes up to " + stream.span.end() + ", got the end at " + stream.position));
    }
  }

  private void done(IngestStream stream) {
    requests.drop(stream);
    goOn();
    plan();
  }

  @Override
  public void failed(IngestStream stream, Throwable cause) {
    if (isDone()) {
      return;
    }
    requests.drop(stream);
    failures++;
    String what = from + ", at " + stream.position + ": " + cause;
    // What has come can't be told to be of the version that another try would bring.
    boolean mixes = !from.isStrong() && stream.position > 0;
    if (mixes || failures > MAX_FAILURES) {
      end(Verdict.FAILED, new IOException(what, cause));
      return;
    }
    LOG.warn("{}; trying again", what);
    resting = true;
    later(
        timeouts.retry().pause(failures, ThreadLocalRandom.current().nextDouble()),
        () -> {
          resting = false;
          goOn();
          plan();
        });
  }

  @Override
  public void refused(IngestStream stream, Fit fit) {
    if (isDone()) {
      return;
    }
    if (fit instanceof Fit.Failed) {
      failed(stream, new IOException(fit.toString()));
    } else if (fit instanceof Fit.Changed) {
      end(Verdict.CHANGED, new IOException(from + ": " + fit));
    } else if (stream.ranged) {
      // What it says of parts can't be relied on; of everything, maybe.
      LOG.warn("{}: no parts are asked for any more: {}", from, fit);
      requests.drop(stream);
      withoutRanges();
    } else {
      end(Verdict.UNUSABLE, new IOException(from + ": " + fit));
    }
  }

  @Override
  public void ignoresRanges(IngestStream stream) {
    withoutRanges();
  }

  private void withoutRanges() {
    requests.giveUpRanges();
    goOn();
  }

  @Override
  public void hashed(Incoming incoming, ContentHashes hashes) {
    complete = true;
    requests.dropAll();
    try {
      var unused =
          owner
              .hashed(incoming, hashes)
              .whenComplete((made, e) -> lane.execute(() -> publish(made, e)));
    } catch (IOException e) {
      publish(null, e);
    }
  }

  @Override
  public void failed(IOException cause) {
    end(Verdict.FAILED, cause);
  }

  private void publish(@Nullable Generation made, @Nullable Throwable e) {
    if (made == null) {
      complete = false;
      end(Verdict.FAILED, new IOException(from + ": its metainfo could not be published: " + e, e));
      return;
    }
    published = made;
    LOG.info("{}: {} bytes are here and hashed", from, layout.length());
    readers.release();
  }

  private void end(Verdict verdict, IOException cause) {
    if (isDone()) {
      return;
    }
    // Before readers fail: who asks again must find it broken.
    owner.ended(verdict);
    ending = new Ending(verdict, cause);
    if (verdict == Verdict.ABANDONED) {
      LOG.debug("{}", cause.getMessage());
    } else {
      LOG.warn("Given up: {}", cause.getMessage());
    }
    requests.dropAll();
    content.close();
    readers.release();
  }

  private void later(Duration after, Runnable task) {
    CompletableFuture.delayedExecutor(after.toNanos(), TimeUnit.NANOSECONDS, lane).execute(task);
  }

  private void tickLater() {
    if (!ticking && !isDone()) {
      ticking = true;
      later(timeouts.stall().dividedBy(10), this::tick);
    }
  }

  private void tick() {
    ticking = false;
    if (isDone()) {
      return;
    }
    long now = System.nanoTime();
    // Sooner than readers give up, so that another try may still help them.
    long silence = timeouts.stall().toNanos() / 2;
    boolean active = false;
    for (IngestStream stream : requests.all()) {
      active = true;
      if (stream.silentNanos(now) > silence) {
        failed(
            stream,
            new StalledException(
                "nothing came for " + TimeUnit.NANOSECONDS.toMillis(silence) + " ms"));
      }
    }
    active |= readers.checkStall(now, timeouts.stall());
    if (active) {
      tickLater();
    }
  }
}
