package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventLoopTest {
  private static final long PATIENCE_SECONDS = 30;

  private EventLoop loop;

  @BeforeEach
  void start() throws Exception {
    loop = new EventLoop("loop");
    loop.start();
  }

  @AfterEach
  void close() {
    loop.close();
  }

  private void assertGoesOn() throws Exception {
    CompletableFuture<Boolean> ran = new CompletableFuture<>();
    loop.execute(() -> ran.complete(true));
    assertThat(ran.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aTaskOrTimerForWhichMemoryDoesNotSufficeEndsAlone() throws Exception {
    loop.execute(EventLoopTest::runOut);
    assertGoesOn();
    loop.execute(() -> loop.schedule(0, EventLoopTest::runOut));
    assertGoesOn();
  }

  @Test
  void aConnectionForWhichMemoryDoesNotSufficeFailsAlone() throws Exception {
    Pipe pipe = Pipe.open();
    CompletableFuture<Exception> failed = new CompletableFuture<>();
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      source.configureBlocking(false);
      loop.execute(() -> register(source, new Hungry(source, failed)));
      sink.write(ByteBuffer.wrap(new byte[1]));
      assertThat(failed.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(OutOfMemoryError.class);
      assertGoesOn();
    }
  }

  private void register(Pipe.SourceChannel source, EventLoop.ChannelHandler handler) {
    try {
      loop.register(source, SelectionKey.OP_READ, handler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatCameWhileTheLoopStoodStillIsHeardBeforeATimerJudges() throws Exception {
    Pipe pipe = Pipe.open();
    List<String> order = new ArrayList<>();
    CompletableFuture<List<String>> done = new CompletableFuture<>();
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      source.configureBlocking(false);
      loop.execute(
          () -> {
            register(source, new Hearing(order, done));
            loop.schedule(
                1,
                () -> {
                  order.add("timer");
                  done.complete(order);
                });
            standStill(sink);
          });
      assertThat(done.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).containsExactly("channel", "timer");
    }
  }

  /** Sends a byte, and lets the millisecond of the timer pass. */
  private static void standStill(Pipe.SinkChannel sink) {
    try {
      sink.write(ByteBuffer.allocate(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1);
    while (System.nanoTime() - due <= 0) {
      Thread.onSpinWait();
    }
  }

  private record Hearing(List<String> order, CompletableFuture<List<String>> done)
      implements EventLoop.ChannelHandler {
    @Override
    public void ready(SelectionKey key) {
      key.cancel();
      order.add("channel");
    }

    @Override
    public void failed(Exception cause) {
      done.completeExceptionally(cause);
    }
  }

  private static void runOut() {
    throw new OutOfMemoryError("of a test");
  }

  private record Hungry(Pipe.SourceChannel source, CompletableFuture<Exception> told)
      implements EventLoop.ChannelHandler {
    @Override
    public void ready(SelectionKey key) {
      runOut();
    }

    @Override
    public void failed(Exception cause) {
      try {
        source.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      told.complete(cause);
    }
  }
}
