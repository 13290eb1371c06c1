package io.swarmgate.jetty;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A body fed by the test, which counts what happens to its slices. */
final class TestBody implements Body {
  private final long length;
  private final Deque<byte[]> ready = new ArrayDeque<>();
  private @Nullable IOException failure;
  private @Nullable Runnable waiter;
  private boolean complete;
  private boolean closed;
  private int parked;

  final AtomicInteger polled = new AtomicInteger();
  final AtomicInteger released = new AtomicInteger();
  volatile int max;

  TestBody(long length) {
    this.length = length;
  }

  /** A body that is all there. */
  static TestBody of(byte[]... slices) {
    long length = 0;
    for (byte[] slice : slices) {
      length += slice.length;
    }
    TestBody body = new TestBody(length);
    for (byte[] slice : slices) {
      body.feed(slice);
    }
    return body.end();
  }

  synchronized TestBody feed(byte[] slice) {
    ready.add(slice);
    wake();
    return this;
  }

  synchronized TestBody end() {
    complete = true;
    wake();
    return this;
  }

  TestBody fail(String message) {
    return fail(new IOException(message));
  }

  synchronized TestBody fail(IOException cause) {
    failure = cause;
    wake();
    return this;
  }

  private void wake() {
    Runnable woken = waiter;
    waiter = null;
    if (woken != null) {
      CompletableFuture<Void> unused = CompletableFuture.runAsync(woken);
    }
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public synchronized @Nullable Slice poll(int max) throws IOException {
    this.max = Math.max(this.max, max);
    byte[] next = ready.poll();
    if (next != null) {
      polled.incrementAndGet();
      return new TestSlice(ByteBuffer.wrap(next));
    }
    if (failure != null) {
      throw failure;
    }
    return null;
  }

  @Override
  public synchronized boolean ended() {
    return complete && ready.isEmpty();
  }

  @Override
  public synchronized void onReady(Runnable waiter) {
    this.waiter = waiter;
    parked++;
    if (!ready.isEmpty() || complete || failure != null) {
      wake();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    waiter = null;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** How often a writer has waited. */
  synchronized int parked() {
    return parked;
  }

  private final class TestSlice implements Slice {
    private final ByteBuffer buffer;

    TestSlice(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public ByteBuffer buffer() {
      return buffer;
    }

    @Override
    public void close() {
      released.incrementAndGet();
    }
  }
}
