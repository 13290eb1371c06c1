package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
    pipe.source().configureBlocking(false);
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      loop.await(
          () -> {
            try {
              loop.register(source, SelectionKey.OP_READ, new Hungry(failed));
            } catch (IOException e) {
              failed.completeExceptionally(e);
            }
          });
      sink.close();
      assertThat(failed.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(OutOfMemoryError.class);
      source.close();
      assertGoesOn();
    }
  }

  @Test
  void whatCameWhileTheLoopStoodStillIsHeardBeforeATimerJudges() throws Exception {
    Pipe pipe = Pipe.open();
    List<String> order = new ArrayList<>();
    CompletableFuture<List<String>> done = new CompletableFuture<>();
    pipe.source().configureBlocking(false);
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      loop.execute(
          () -> {
            try {
              loop.register(source, SelectionKey.OP_READ, new Hearing(order, done));
              loop.schedule(
                  1,
                  () -> {
                    order.add("timer");
                    done.complete(order);
                  });
              sink.write(ByteBuffer.allocate(1));
              long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1);
              while (System.nanoTime() - due <= 0) {
                Thread.onSpinWait();
              }
            } catch (IOException e) {
              done.completeExceptionally(e);
            }
          });
      assertThat(done.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).containsExactly("channel", "timer");
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

  private record Hungry(CompletableFuture<Exception> told) implements EventLoop.ChannelHandler {
    @Override
    public void ready(SelectionKey key) {
      runOut();
    }

    @Override
    public void failed(Exception cause) {
      told.complete(cause);
    }
  }
}
