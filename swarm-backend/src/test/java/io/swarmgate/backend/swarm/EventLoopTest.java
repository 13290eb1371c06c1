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
import org.junit.jupiter.api.Test;

class EventLoopTest {
  @Test
  void whatCameWhileTheLoopStoodStillIsHeardBeforeATimerJudges() throws Exception {
    Pipe pipe = Pipe.open();
    List<String> order = new ArrayList<>();
    CompletableFuture<List<String>> done = new CompletableFuture<>();
    EventLoop.ChannelHandler hearing =
        new EventLoop.ChannelHandler() {
          @Override
          public void ready(SelectionKey key) {
            key.cancel();
            order.add("channel");
          }

          @Override
          public void failed(Exception cause) {
            done.completeExceptionally(cause);
          }
        };
    try (EventLoop loop = new EventLoop("test-loop");
        Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      source.configureBlocking(false);
      loop.start();
      loop.execute(
          () -> {
            try {
              loop.register(source, SelectionKey.OP_READ, hearing);
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
      assertThat(done.get(30, TimeUnit.SECONDS)).containsExactly("channel", "timer");
    }
  }
}
