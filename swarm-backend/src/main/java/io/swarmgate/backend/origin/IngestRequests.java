package io.swarmgate.backend.origin;

import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.time.Clock;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The requests of an ingest that are under way, and which are to be next: one for all that is
 * missing, in order, and some for what readers wait for elsewhere. No two ask for the same piece.
 * Of the ingest's lane, but for {@link #hasRanges} and {@link #isUnderWay}.
 */
final class IngestRequests {
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

  private final IngestFrom from;
  private final IngestContent content;
  private final PieceLayout layout;
  private final IngestStream.Receiver receiver;
  private final Lane lane;
  private final Clock clock;
  private final Set<IngestStream> branches = ConcurrentHashMap.newKeySet();

  /** Pieces that branches bring. */
  private final BitSet claimed = new BitSet();

  private volatile @Nullable IngestStream sequential;
  private volatile boolean ranges;

  /**
   * Asks for nothing yet.
   *
   * @param receiver told what becomes of each request
   */
  IngestRequests(
      IngestFrom from,
      IngestContent content,
      IngestStream.Receiver receiver,
      Lane lane,
      Clock clock) {
    this.from = from;
    this.content = content;
    this.layout = content.layout();
    this.receiver = receiver;
    this.lane = lane;
    this.clock = clock;
    this.ranges = from.isStrong();
  }

  /** Whether parts can be asked for. */
  boolean hasRanges() {
    return ranges;
  }

  /** Whether a missing piece comes without a further request, whoever waits for it. */
  boolean isUnderWay(int piece) {
    ByteSpan span = layout.span(piece);
    return comesSoon(piece)
        || (!ranges && sequential != null)
        || branches.stream()
            .anyMatch(by -> by.span.start() < span.end() && span.start() < by.span.end());
  }

  /** Asks for no parts from now on. */
  void giveUpRanges() {
    ranges = false;
    List.copyOf(branches).forEach(this::drop);
  }

  /** Those under way; a copy. */
  Set<IngestStream> all() {
    Set<IngestStream> all = new HashSet<>(branches);
    IngestStream running = sequential;
    if (running != null) {
      all.add(running);
    }
    return all;
  }

  /** Keeps the pass in order going. */
  void goOn() {
    if (sequential != null) {
      return;
    }
    int first = layout.pieceAt(Math.min(content.contiguous(), layout.length() - 1));
    while (first < layout.pieceCount() && !isMissing(first)) {
      first++;
    }
    if (first == layout.pieceCount()) {
      return;
    }
    if (!ranges) {
      // Everything, from the start; what is here of it already is passed over.
      sequential = begin(new ByteSpan(0, layout.length()), false, false);
    } else {
      int end = first;
      while (end < layout.pieceCount() && isMissing(end)) {
        end++;
      }
      sequential = begin(missing(first, end), true, false);
    }
  }

  /** Asks for what a reader waits for, or will soon, unless the pass in order brings it soon. */
  void branchFor(IngestReader reader) {
    long position = reader.position();
    long wanted = Math.min(reader.end(), position + READAHEAD);
    if (!ranges || branches.size() >= MAX_BRANCHES || position >= wanted) {
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
    branches.add(begin(missing(first, end), true, true));
  }

  private boolean isMissing(int piece) {
    return !claimed.get(piece) && !content.has(piece);
  }

  /** What is missing of some pieces, the first of which may have come in part. */
  private ByteSpan missing(int first, int end) {
    return new ByteSpan(content.resumeAt(first), layout.span(end - 1).end());
  }

  private IngestStream begin(ByteSpan span, boolean ranged, boolean branch) {
    IngestStream made = new IngestStream(from, span, ranged, branch, receiver, lane, clock);
    made.begin();
    return made;
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

  /**
   * Whether a request had better end, because it is the pass in order, has brought all of a piece,
   * and much of what follows is here, or under way, already.
   */
  boolean isToSkip(IngestStream stream) {
    if (!ranges || stream != sequential || !stream.ranged || stream.position == stream.span.end()) {
      return false;
    }
    int next = layout.pieceAt(stream.position);
    if (stream.position > layout.start(next)) {
      return false;
    }
    int end = next;
    while (end < layout.pieceCount()
        && !isMissing(end)
        && layout.start(end) - layout.start(next) < SKIP) {
      end++;
    }
    return end < layout.pieceCount() && layout.start(end) - layout.start(next) >= SKIP;
  }

  /** Ends one; what it hasn't brought is missing again. */
  void drop(IngestStream stream) {
    stream.close();
    if (stream == sequential) {
      sequential = null;
    }
    if (branches.remove(stream)) {
      claimed.clear(layout.pieceAt(stream.span.start()), layout.pieceAt(stream.span.end() - 1) + 1);
    }
  }

  void dropAll() {
    all().forEach(this::drop);
  }
}
