package io.swarmgate.filter.admin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events: a snapshot each second for as long as the client stays. Each open page holds
 * a thread of a small pool of its own, so that pages left open never keep an action or a probe
 * waiting; all pages share each snapshot. Without a page there is no thread and no snapshot.
 */
final class EventStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
  private static final int MOST = 16;
  private static final long PAUSE_MILLIS = 1_000;

  private final Memo<String> snapshots;
  private final ThreadPoolExecutor pool;

  /** Takes what makes a snapshot, as JSON in one line. */
  EventStream(Supplier<String> snapshot) {
    this.snapshots = new Memo<>(snapshot);
    this.pool =
        new ThreadPoolExecutor(
            0,
            MOST,
            5,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, "swarmgate-admin-stream");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Takes an exchange over; false if as many as may be are open. */
  boolean open(HttpExchange exchange) {
    try {
      pool.execute(() -> run(exchange));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void run(HttpExchange exchange) {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      while (!pool.isShutdown()) {
        String event = "event: snapshot\ndata: " + snapshots.get() + "\n\n";
        out.write(event.getBytes(StandardCharsets.UTF_8));
        out.flush();
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (IOException e) {
      LOG.debug("A page was closed", e);
    } catch (InterruptedException e) {
      LOG.debug("The listener stops");
    } catch (RuntimeException e) {
      LOG.warn("No snapshot for the status page", e);
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
