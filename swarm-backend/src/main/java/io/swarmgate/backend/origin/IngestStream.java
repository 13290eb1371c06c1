package io.swarmgate.backend.origin;

import io.swarmgate.backend.metainfo.ByteSpan;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One request for successive bytes of a file that is taken in, and its response. Its fields belong
 * to the ingest's lane but for those marked; what the client's threads bring is handed over there.
 */
final class IngestStream {
  /** Lists of buffers (16 KiB each, mostly) that may have come and not been dealt with. */
  private static final int AHEAD = 32;

  /** What becomes of it; called on the lane. */
  interface Receiver {
    /** Some bytes; the receiver says how many it {@link #moved}. */
    void came(IngestStream stream, List<ByteBuffer> buffers);

    /** The response's end, whether or not everything came. */
    void completed(IngestStream stream);

    /** It broke off, or there was no response. */
    void failed(IngestStream stream, Throwable cause);

    /** The response is of no use as it is. */
    void refused(IngestStream stream, Fit fit);

    /** The response is the whole file although a part was asked for; what is wanted of it comes. */
    void ignoresRanges(IngestStream stream);
  }

  final ByteSpan span;
  final boolean ranged;

  /** Whether it brings what readers wait for out of order. */
  final boolean branch;

  /** Position of the next byte it brings. Written on the lane. */
  volatile long position;

  boolean closed;

  private final IngestFrom from;
  private final Receiver receiver;
  private final Lane lane;
  private final InstantSource clock;
  private final Call call = new Call();

  /** From any thread: lists that the lane has not dealt with. */
  private final AtomicInteger queued = new AtomicInteger();

  private volatile long lastBytes = System.nanoTime();
  private volatile @Nullable Fit fit;
  private volatile Flow.@Nullable Subscription subscription;
  private Turns.@Nullable Turn turn;

  IngestStream(
      IngestFrom from,
      ByteSpan span,
      boolean ranged,
      boolean branch,
      Receiver receiver,
      Lane lane,
      InstantSource clock) {
    this.from = from;
    this.span = span;
    this.ranged = ranged;
    this.branch = branch;
    this.position = span.start();
    this.receiver = receiver;
    this.lane = lane;
    this.clock = clock;
  }

  /** So many bytes of it were taken. */
  void moved(int count) {
    long next = position + count;
    position = next;
  }

  /** Asks for it when it is its turn. */
  void begin() {
    var unused =
        from.origin().longAnswers().take().thenAccept(given -> lane.execute(() -> begin(given)));
  }

  private void begin(Turns.Turn given) {
    if (closed) {
      given.end();
      return;
    }
    turn = given;
    lastBytes = System.nanoTime();
    var unused =
        from.stream(span, ranged, this::subscriber, call)
            .handle(
                (answer, e) -> {
                  lane.execute(() -> judge(e));
                  return null;
                });
  }

  private void judge(@Nullable Throwable e) {
    Fit got = fit;
    if (closed) {
      return;
    }
    if (e != null) {
      receiver.failed(this, OriginClient.cause(e));
    } else if (got == null || !isUsable(got)) {
      receiver.refused(this, got == null ? new Fit.Failed("got no response") : got);
    } else if (ranged && got instanceof Fit.Whole) {
      receiver.ignoresRanges(this);
    }
  }

  private boolean isUsable(Fit got) {
    return got instanceof Fit.Part || (got instanceof Fit.Whole && span.start() == 0);
  }

  private BodySubscriber<Boolean> subscriber(HttpResponse.ResponseInfo info) {
    Fit got = Fit.of(info.statusCode(), info.headers(), from.asked(span), clock.instant());
    fit = got;
    return new Subscriber(isUsable(got));
  }

  /** Whether what came last is all that has come so far. */
  boolean isCaughtUp() {
    return queued.get() == 0;
  }

  /** How long nothing has come although something was asked for. */
  long silentNanos(long now) {
    return turn == null || !isCaughtUp() ? 0 : now - lastBytes;
  }

  /** Gives up what is still to come. Idempotent. */
  void close() {
    closed = true;
    call.cancel();
    Flow.Subscription open = subscription;
    if (open != null) {
      open.cancel();
    }
    if (turn != null) {
      turn.end();
    }
  }

  /** Hands a response's bytes over; ends at once if they are of no use. */
  private final class Subscriber implements BodySubscriber<Boolean> {
    private final boolean usable;

    Subscriber(boolean usable) {
      this.usable = usable;
    }

    @Override
    public CompletionStage<Boolean> getBody() {
      return CompletableFuture.completedStage(usable);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      if (usable && !call.isCancelled()) {
        given.request(AHEAD);
      } else {
        given.cancel();
      }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      queued.incrementAndGet();
      lastBytes = System.nanoTime();
      lane.execute(() -> deal(buffers));
    }

    private void deal(List<ByteBuffer> buffers) {
      queued.decrementAndGet();
      if (!closed) {
        receiver.came(IngestStream.this, buffers);
      }
      Flow.Subscription open = subscription;
      if (!closed && open != null) {
        open.request(1);
      }
    }

    @Override
    public void onError(Throwable e) {
      lane.execute(
          () -> {
            if (!closed && usable) {
              receiver.failed(IngestStream.this, e);
            }
          });
    }

    @Override
    public void onComplete() {
      lane.execute(
          () -> {
            if (!closed && usable) {
              receiver.completed(IngestStream.this);
            }
          });
    }
  }
}
