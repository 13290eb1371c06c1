package io.swarmgate.jetty;

import io.swarmgate.filter.http.ChainAnswer;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.Components;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Attributes;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.util.thread.ThreadPool;

/**
 * A request as it is shown to the next handler when that is asked: a HEAD without ranges and
 * conditions. Attributes and cached objects are its own, so that the request itself can be handled
 * afterwards as if nothing had been before it.
 */
final class ChainRequest extends Request.AttributesWrapper {
  private final HttpFields headers;
  private final Components components;
  private volatile boolean over;

  ChainRequest(Request request) {
    super(request, new Attributes.Layer(request));
    HttpFields.Mutable shown = HttpFields.build();
    request.getHeaders().stream()
        .filter(field -> !ChainAnswer.hides(field.getName()))
        .forEach(shown::add);
    this.headers = shown.asImmutable();
    this.components = new OwnCache(request.getComponents(), new Attributes.Mapped());
  }

  /** Lets those who listen to the request sleep: the question has been answered. */
  void end() {
    over = true;
  }

  @Override
  public String getMethod() {
    return HttpMethod.HEAD.asString();
  }

  @Override
  public HttpFields getHeaders() {
    return headers;
  }

  @Override
  public Components getComponents() {
    return components;
  }

  @Override
  public void addIdleTimeoutListener(Predicate<TimeoutException> listener) {
    super.addIdleTimeoutListener(timeout -> !over && listener.test(timeout));
  }

  @Override
  public void addFailureListener(Consumer<Throwable> listener) {
    super.addFailureListener(
        failure -> {
          if (!over) {
            listener.accept(failure);
          }
        });
  }

  /** What a request is handled with; servlet contexts keep theirs of a request in the cache. */
  private record OwnCache(Components components, Attributes cache) implements Components {
    @Override
    public ByteBufferPool getByteBufferPool() {
      return components.getByteBufferPool();
    }

    @Override
    public Scheduler getScheduler() {
      return components.getScheduler();
    }

    @Override
    public ThreadPool getThreadPool() {
      return components.getThreadPool();
    }

    @Override
    public Executor getExecutor() {
      return components.getExecutor();
    }

    @Override
    public Attributes getCache() {
      return cache;
    }
  }
}
