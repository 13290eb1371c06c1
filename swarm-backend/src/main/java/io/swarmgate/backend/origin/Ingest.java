package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.ContentHasher;
import io.swarmgate.backend.metainfo.ContentHashes;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.Incoming;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one version of a file in from an origin without metainfo: one request for all of it, in
 * order, and further ones for what readers wait for elsewhere. Every byte is asked for once; what
 * has come is readable at once, and is hashed when the pass in order has come to it.
 *
 * <p>Its state belongs to its lane, where all I/O on the store happens too. Readers look at the
 * store and the arriving pieces from their own threads, and at how it ended.
 */
final class Ingest implements IngestStream.Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

  /** Requests out of order at a time. */
  private static final int MAX_BRANCHES = 8;

  /** Bytes before a piece that the pass in order is left to bring. */
  private static final long SOON = 1 << 20;

  /** Bytes asked for out of order at a time. */
  private static final long WINDOW = 8L << 20;

  /** Bytes ahead of a reader that are asked for out of order. */
  private static final long READAHEAD = 4L << 20;

  /** Bytes that are here already for which it pays to end a request and begin another. */
  private static final long SKIP = 4L << 20;

  /** What readers are shown at a time while more is at hand. */
  private static final int SHOWN = 128 << 10;

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
  private final Incoming incoming;
  private final PieceLayout layout;
  private final Owner owner;
  private final Lane lane;
  private final Clock clock;
  private final LongConsumer fetched;
  private final OriginTimeouts timeouts;

  /** Pieces of which some has come; changed on the lane, looked at by readers. */
  private final Map<Integer, Arriving> arriving = new ConcurrentHashMap<>();

  private volatile @Nullable Ending ending;
  private volatile @Nullable Generation published;

  /** Whether parts can be asked for; read by any thread. */
  private volatile boolean ranges;

  /** Position up to which everything is here; read by any thread. */
  private volatile long contiguous;

  // Of the lane.

  private final Set<IngestReader> readers = new HashSet<>();
  private final Set<IngestStream> branches = new HashSet<>();

  /** Pieces that branches bring. */
  private final BitSet claimed = new BitSet();

  private final ContentHasher hasher;
  private @Nullable IngestStream sequential;
  private boolean started;
  private boolean resting;
  private boolean catchingUp;
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
    this.incoming = incoming;
    this.layout = incoming.layout();
    this.owner = owner;
    this.lane = lane;
    this.clock = clock;
    this.fetched = fetched;
    this.timeouts = from.client().timeouts();
    this.ranges = from.isStrong();
    this.hasher = new ContentHasher(layout);
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
    return contiguous;
  }

  /** Whether any position can be read soon, and not only once the pass in order gets there. */
  boolean hasRanges() {
    return ranges;
  }

  /** The pieces that are here; a copy. */
  BitSet pieces() {
    return incoming.pieces();
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
    Slice stored = incoming.slice(position, max);
    if (stored != null) {
      return stored;
    }
    int piece = layout.pieceAt(position);
    Arriving coming = arriving.get(piece);
    // None: it may have gone to the store between the two looks.
    return coming == null
        ? incoming.slice(position, max)
        : coming.slice((int) (position - layout.start(piece)), max);
  }

  /** Begins, if it hasn't. */
  void start() {
    lane.execute(
        () -> {
          if (!started) {
            started = true;
            LOG.info("{}: taking in {} bytes", from, layout.length());
            pump();
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
          if (ending != null || published != null || isShown(reader.position())) {
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

  private boolean isShown(long position) {
    int piece = layout.pieceAt(position);
    Arriving coming = arriving.get(piece);
    return incoming.has(piece)
        || (coming != null && position - layout.start(piece) < coming.visible());
  }

  private boolean isDone() {
    return ending != null || complete;
  }

  private boolean isMissing(int piece) {
    return !claimed.get(piece) && !incoming.has(piece);
  }

  /** Keeps the pass in order going. */
  private void pump() {
    if (!started || isDone() || resting || sequential != null) {
      return;
    }
    int first = layout.pieceAt(Math.min(contiguous, layout.length() - 1));
    while (first < layout.pieceCount() && !isMissing(first)) {
      first++;
    }
    if (first == layout.pieceCount()) {
      return;
    }
    if (!ranges) {
      // Everything, from the start; what is here of it already is passed over.
      sequential = stream(new ByteSpan(0, layout.length()), false, false);
    } else {
      int end = first;
      while (end < layout.pieceCount() && isMissing(end)) {
        end++;
      }
      sequential = stream(new ByteSpan(resumeAt(first), layout.span(end - 1).end()), true, false);
    }
  }

  /** Where a piece's first byte is missing. */
  private long resumeAt(int piece) {
    Arriving coming = arriving.get(piece);
    return layout.start(piece) + (coming == null ? 0 : coming.filled());
  }

  private IngestStream stream(ByteSpan span, boolean ranged, boolean branch) {
    IngestStream made = new IngestStream(from, span, ranged, branch, this, lane, clock);
    made.begin();
    tickLater();
    return made;
  }

  /** Asks for what readers wait for, or will soon, and the pass in order won't bring soon. */
  private void plan() {
    if (!started || isDone() || resting || !ranges) {
      return;
    }
    for (IngestReader reader : readers) {
      if (reader.isBlocked()) {
        branch(reader);
      }
    }
    for (IngestReader reader : readers) {
      if (!reader.isBlocked()) {
        branch(reader);
      }
    }
  }

  private void branch(IngestReader reader) {
    long position = reader.position();
    long wanted = Math.min(reader.end(), position + READAHEAD);
    if (branches.size() >= MAX_BRANCHES || position >= wanted) {
      return;
    }
    int first = layout.pieceAt(position);
    int last = layout.pieceAt(wanted - 1);
    while (first <= last && !isMissing(first)) {
      first++;
    }
    if (first > last || comesSoon(first)) {
      return;
    }
    long stop = Math.min(reader.end(), layout.start(first) + WINDOW);
    int end = first + 1;
    while (end < layout.pieceCount() && layout.start(end) < stop && isMissing(end)) {
      end++;
    }
    claimed.set(first, end);
    branches.add(stream(new ByteSpan(resumeAt(first), layout.span(end - 1).end()), true, true));
  }

  private boolean comesSoon(int piece) {
    IngestStream running = sequential;
    if (running == null) {
      return false;
    }
    long ahead = layout.start(piece) - running.position;
    return ahead < Math.max(SOON, 2L * layout.pieceLength())
        && layout.span(piece).end() > running.position;
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
    stream.position += count;
    fetched.accept(count);
    if (!incoming.has(piece)) {
      put(stream, piece, offset, part);
    }
    if (!stream.closed && stream == sequential && stream.position == layout.span(piece).end()) {
      skip(stream, piece + 1);
    }
  }

  private void put(IngestStream stream, int piece, int offset, ByteBuffer part) {
    Arriving coming = arriving.computeIfAbsent(piece, absent -> new Arriving(layout.length(piece)));
    // Two streams may bring the same piece: each byte counts once.
    int known = Math.min(part.remaining(), coming.filled() - offset);
    if (known < 0) {
      return;
    }
    part.position(known);
    coming.put(part);
    if (coming.isComplete()) {
      keep(piece, coming);
    } else if (stream.isCaughtUp() || coming.filled() - coming.visible() >= SHOWN) {
      if (coming.show() > 0) {
        wakeAt(piece);
      }
    }
  }

  private void keep(int piece, Arriving whole) {
    try {
      incoming.write(piece, whole.whole());
    } catch (IOException e) {
      end(Verdict.FAILED, e);
      return;
    }
    arriving.remove(piece);
    claimed.clear(piece);
    if (hasher.position() == layout.start(piece)) {
      hashed(whole.whole());
    }
    wakeAt(piece);
  }

  private void hashed(ByteBuffer whole) {
    hasher.update(whole);
    contiguous = hasher.position();
    if (hasher.isComplete()) {
      finish();
    } else if (!catchingUp && incoming.has(layout.pieceAt(contiguous))) {
      // Came out of order. One piece at a time, so that readers are heard in between.
      catchingUp = true;
      lane.execute(this::catchUp);
    }
  }

  private void catchUp() {
    catchingUp = false;
    if (isDone() || !incoming.has(layout.pieceAt(contiguous))) {
      return;
    }
    try {
      hashed(incoming.read(layout.pieceAt(contiguous)));
    } catch (IOException e) {
      end(Verdict.FAILED, e);
    }
  }

  private void wakeAt(int piece) {
    for (IngestReader reader : readers) {
      if (reader.isBlocked() && reader.piece() == piece && isShown(reader.position())) {
        reader.wake();
      }
    }
  }

  /** Ends the pass in order where much of what follows is here, or under way, already. */
  private void skip(IngestStream stream, int next) {
    int end = next;
    while (end < layout.pieceCount()
        && !isMissing(end)
        && layout.start(end) - layout.start(next) < SKIP) {
      end++;
    }
    boolean much = end < layout.pieceCount() && layout.start(end) - layout.start(next) >= SKIP;
    if (ranges && stream.ranged && much && stream.position < stream.span.end()) {
      done(stream);
    }
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
    drop(stream);
    pump();
    plan();
  }

  private void drop(IngestStream stream) {
    stream.close();
    if (stream == sequential) {
      sequential = null;
    }
    if (branches.remove(stream)) {
      claimed.clear(layout.pieceAt(stream.span.start()), layout.pieceAt(stream.span.end() - 1) + 1);
    }
  }

  @Override
  public void failed(IngestStream stream, Throwable cause) {
    if (isDone()) {
      return;
    }
    drop(stream);
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
          pump();
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
      drop(stream);
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
    ranges = false;
    List.copyOf(branches).forEach(this::drop);
    pump();
  }

  private void finish() {
    complete = true;
    dropStreams();
    try {
      var unused =
          owner
              .hashed(incoming, hasher.finish())
              .whenComplete((made, e) -> lane.execute(() -> publish(made, e)));
    } catch (IOException e) {
      publish(null, e);
    }
  }

  private void publish(@Nullable Generation made, @Nullable Throwable e) {
    if (made == null) {
      complete = false;
      end(Verdict.FAILED, new IOException(from + ": its metainfo could not be published: " + e, e));
      return;
    }
    published = made;
    LOG.info("{}: {} bytes are here and hashed", from, layout.length());
    readers.forEach(IngestReader::wake);
    readers.clear();
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
    dropStreams();
    arriving.clear();
    incoming.close();
    readers.forEach(IngestReader::wake);
    readers.clear();
  }

  private void dropStreams() {
    IngestStream running = sequential;
    if (running != null) {
      drop(running);
    }
    List.copyOf(branches).forEach(this::drop);
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
    for (IngestStream stream : streams()) {
      active = true;
      if (stream.silentNanos(now) > silence) {
        failed(
            stream,
            new StalledException(
                "nothing came for " + TimeUnit.NANOSECONDS.toMillis(silence) + " ms"));
      }
    }
    for (IngestReader reader : List.copyOf(readers)) {
      active |= reader.isBlocked();
      reader.checkStall(now, timeouts.stall());
    }
    if (active) {
      tickLater();
    }
  }

  private Set<IngestStream> streams() {
    Set<IngestStream> all = new HashSet<>(branches);
    IngestStream running = sequential;
    if (running != null) {
      all.add(running);
    }
    return all;
  }
}
