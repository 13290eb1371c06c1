package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.StalledException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An origin's response on its way to a client: no more is asked of the origin than fits a small
 * buffer. The lock guards the fields below it; the origin, the waiter and the timer are called
 * outside of it.
 */
final class RelayedBody implements HttpResponse.BodySubscriber<Body>, Body {
  /** Below this many waiting buffers (16 KiB each, mostly) more is asked for. */
  private static final int ENOUGH = 16;

  private final long length;
  private final Duration stall;
  private final Executor handOff;
  private final LongConsumer counter;

  private final Object lock = new Object();
  private final Deque<ByteBuffer> buffers = new ArrayDeque<>();
  private Flow.@Nullable Subscription subscription;
  private @Nullable Runnable waiter;
  private @Nullable IOException failure;
  private boolean asked;
  private boolean complete;
  private boolean timing;
  private long lastBytes = System.nanoTime();

  /**
   * Makes a body that is yet to be subscribed.
   *
   * @param length bytes in all, -1 if unknown; 0 for a response that has no content
   * @param stall how long an origin may send nothing while something is wanted
   * @param handOff where waiters run
   * @param counter told of the bytes that came
   */
  RelayedBody(long length, Duration stall, Executor handOff, LongConsumer counter) {
    this.length = length;
    this.stall = stall;
    this.handOff = handOff;
    this.counter = counter;
    this.complete = length == 0;
  }

  /** At once: the head is relayed before the content comes. */
  @Override
  public CompletionStage<Body> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    boolean unwanted;
    synchronized (lock) {
      subscription = given;
      unwanted = failure != null;
    }
    if (unwanted) {
      given.cancel();
    } else {
      askForMore();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> more) {
    long count = 0;
    synchronized (lock) {
      asked = false;
      lastBytes = System.nanoTime();
      for (ByteBuffer buffer : more) {
        if (buffer.hasRemaining() && failure == null) {
          count += buffer.remaining();
          buffers.add(buffer);
        }
      }
    }
    counter.accept(count);
    askForMore();
    wake();
  }

  @Override
  public void onError(Throwable e) {
    fail(new IOException("the origin's response broke off: " + e, e));
  }

  @Override
  public void onComplete() {
    synchronized (lock) {
      complete = true;
    }
    wake();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public @Nullable Slice poll(int max) throws IOException {
    Part part = null;
    synchronized (lock) {
      // What came before a failure is as good as it was, but the response is lost anyway.
      if (failure != null) {
        throw failure;
      }
      ByteBuffer first = buffers.peek();
      if (first != null) {
        int count = Math.min(max, first.remaining());
        part = new Part(first.slice(first.position(), count));
        first.position(first.position() + count);
        if (!first.hasRemaining()) {
          buffers.remove();
        }
      }
    }
    askForMore();
    return part;
  }

  @Override
  public boolean ended() {
    synchronized (lock) {
      return complete && buffers.isEmpty() && failure == null;
    }
  }

  @Override
  public void onReady(Runnable given) {
    boolean ready;
    synchronized (lock) {
      waiter = given;
      ready = isReady();
    }
    if (ready) {
      wake();
    } else {
      time(stall);
    }
  }

  @Override
  public void close() {
    Flow.Subscription open;
    synchronized (lock) {
      waiter = null;
      buffers.clear();
      open = complete ? null : subscription;
      if (!complete && failure == null) {
        failure = new IOException("the body is closed");
      }
    }
    if (open != null) {
      open.cancel();
    }
  }

  /** Called under the lock. */
  private boolean isReady() {
    return complete || failure != null || !buffers.isEmpty();
  }

  private void askForMore() {
    Flow.Subscription from;
    synchronized (lock) {
      boolean wanted = !asked && !complete && failure == null && buffers.size() < ENOUGH;
      from = wanted ? subscription : null;
      asked |= from != null;
    }
    if (from != null) {
      from.request(1);
    }
  }

  private void wake() {
    Runnable ready;
    synchronized (lock) {
      ready = waiter;
      waiter = null;
    }
    if (ready != null) {
      handOff.execute(ready);
    }
  }

  private void fail(IOException e) {
    Flow.Subscription open;
    synchronized (lock) {
      if (failure == null && !complete) {
        failure = e;
      }
      open = subscription;
    }
    if (open != null) {
      open.cancel();
    }
    wake();
  }

  /** Keeps at most one timer, and only while somebody waits. */
  private void time(Duration after) {
    synchronized (lock) {
      if (timing) {
        return;
      }
      timing = true;
    }
    CompletableFuture.delayedExecutor(after.toNanos(), TimeUnit.NANOSECONDS, handOff)
        .execute(this::checkStall);
  }

  private void checkStall() {
    Duration left;
    synchronized (lock) {
      timing = false;
      if (waiter == null || isReady()) {
        return;
      }
      left = stall.minusNanos(System.nanoTime() - lastBytes);
    }
    if (left.isNegative() || left.isZero()) {
      fail(new StalledException("the origin sent nothing for " + stall.toMillis() + " ms"));
    } else {
      time(left);
    }
  }

  private record Part(ByteBuffer buffer) implements Slice {
    @Override
    public void close() {}
  }
}
