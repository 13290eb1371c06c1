package io.swarmgate.filter.servlet;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Slice;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Writes a body to a servlet stream without holding a thread while it waits, be it for the client
 * or for the swarm.
 *
 * <p>One thread at a time runs it: the container's after {@link #onWritePossible}, the hand-off
 * executor's after a parked body became ready. {@link #end} may come at any time from another.
 */
final class AsyncBodyWriter implements WriteListener {
  private enum State {
    /** The body has nothing yet; its waiter resumes. */
    IDLE,
    /** A thread is running this. */
    READY,
    /** The stream may be busy with a write, or about to say so; onWritePossible resumes. */
    PENDING,
    DONE
  }

  /** What the writer asks of its exchange. Each ends the response. */
  interface Ends {
    /** Every byte is written. */
    void written();

    /** The body failed before a byte of head or body was handed over. */
    void failedBeforeHead(Exception cause);

    /** The body failed with a part of it sent: the client must see that. */
    void failedAfterHead(Exception cause);

    /** A write failed: the client has gone. */
    void clientGone(Throwable cause);
  }

  private final ServletOutputStream out;
  private final SliceOutput output;
  private final ContainerTraits container;
  private final Queue<Slice> ready;
  private final Body body;
  private final Runnable head;
  private final Ends ends;

  private final AtomicReference<State> state = new AtomicReference<>(State.PENDING);
  private final AtomicReference<@Nullable Slice> current = new AtomicReference<>();
  private boolean handedOver = true;

  /** Whether the container may hold bytes back until there are more. */
  private boolean gathered;

  private boolean headDone;

  /**
   * Takes over the body.
   *
   * @param container whose stream it is
   * @param ready slices polled already, to be written first
   * @param head hands the head to the container; called once, before the first write
   */
  AsyncBodyWriter(
      ServletOutputStream out,
      SliceOutput output,
      ContainerTraits container,
      Queue<Slice> ready,
      Body body,
      Runnable head,
      Ends ends) {
    this.out = out;
    this.output = output;
    this.container = container;
    this.ready = ready;
    this.body = body;
    this.head = head;
    this.ends = ends;
  }

  /** Starts writing, now or on a thread of the container's. */
  void start() {
    out.setWriteListener(this);
  }

  @Override
  public void onWritePossible() {
    if (move(State.PENDING, State.READY)) {
      run();
    }
  }

  @Override
  public void onError(Throwable cause) {
    if (end()) {
      ends.clientGone(cause);
    }
  }

  /**
   * Gives up the body, and the slices unless a running thread still holds them; that one gives them
   * up as soon as it looks. Returns false if it had ended already.
   */
  boolean end() {
    State before = state.getAndSet(State.DONE);
    if (before == State.DONE) {
      return false;
    }
    body.close();
    if (before != State.READY) {
      releaseAll();
    }
    return true;
  }

  private void resume() {
    if (move(State.IDLE, State.READY)) {
      run();
    }
  }

  private void run() {
    try {
      // PENDING comes before isReady(), whose "no" lets the container run us on another thread
      // before we are back from it.
      while (move(State.READY, State.PENDING)
          && out.isReady()
          && move(State.PENDING, State.READY)) {
        if (!step()) {
          return;
        }
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** One poll and one write, the stream being ready. Returns whether to go on. */
  private boolean step() {
    Slice slice = current.get();
    if (slice == null || handedOver) {
      release();
      if (isEnded()) {
        return finish();
      }
      try {
        slice = next();
      } catch (IOException e) {
        fail(e);
        return false;
      }
      if (slice == null) {
        return idle();
      }
      current.set(slice);
    }
    try {
      handHeadOver();
      handedOver = output.write(out, slice.buffer());
      gathered = true;
      return true;
    } catch (IOException e) {
      if (stop()) {
        ends.clientGone(e);
      }
      return false;
    }
  }

  /** The next bytes; null if there are none now. */
  private @Nullable Slice next() throws IOException {
    Slice slice = ready.poll();
    return slice != null ? slice : body.poll(container.maxSlice());
  }

  /** Having nothing to write, ends, sends what the container still gathers, or parks. */
  private boolean idle() {
    if (body.ended()) {
      return finish();
    }
    if (gathered) {
      // The client may need what there is, for as long as the rest takes.
      return flush();
    }
    if (move(State.READY, State.IDLE)) {
      body.onReady(this::resume);
    }
    return false;
  }

  private boolean flush() {
    gathered = false;
    try {
      out.flush();
      return true;
    } catch (IOException e) {
      if (stop()) {
        ends.clientGone(e);
      }
      return false;
    }
  }

  private boolean isEnded() {
    return ready.isEmpty() && body.ended();
  }

  private boolean finish() {
    if (gathered && !container.completesBusy()) {
      return flush();
    }
    if (stop()) {
      handHeadOver();
      ends.written();
    }
    return false;
  }

  private void fail(Exception cause) {
    if (!stop()) {
      return;
    }
    if (headDone) {
      ends.failedAfterHead(cause);
    } else {
      ends.failedBeforeHead(cause);
    }
  }

  private void handHeadOver() {
    if (!headDone) {
      headDone = true;
      head.run();
    }
  }

  /** Ends on the running thread, which holds the slices. */
  private boolean stop() {
    boolean first = end();
    releaseAll();
    return first;
  }

  /** Moves on, unless this has ended meanwhile: then the slices are given up. */
  private boolean move(State from, State to) {
    if (state.compareAndSet(from, to)) {
      return true;
    }
    if (from == State.READY) {
      releaseAll();
    }
    return false;
  }

  private void release() {
    Slice slice = current.getAndSet(null);
    if (slice != null) {
      slice.close();
    }
  }

  private void releaseAll() {
    release();
    for (Slice slice = ready.poll(); slice != null; slice = ready.poll()) {
      slice.close();
    }
  }
}
