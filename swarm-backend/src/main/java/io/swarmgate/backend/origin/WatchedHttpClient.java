package io.swarmgate.backend.origin;

import io.swarmgate.backend.observe.Observer;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** A client that tells how quickly origins answer, and how much they send. */
final class WatchedHttpClient extends HttpClient {
  private final HttpClient client;
  private final Observer observer;

  WatchedHttpClient(HttpClient client, Observer observer) {
    this.client = client;
    this.observer = observer;
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    String origin = request.uri().getRawAuthority();
    CompletableFuture<HttpResponse<T>> answer = client.sendAsync(request, watched(origin, handler));
    answer.whenComplete(
        (response, e) -> {
          // A flight that was called off says nothing about the origin.
          if (e != null && !answer.isCancelled()) {
            observer.originFailed(origin, OriginClient.cause(e).toString());
          }
        });
    return answer;
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request,
      HttpResponse.BodyHandler<T> handler,
      HttpResponse.PushPromiseHandler<T> pushes) {
    return sendAsync(request, handler);
  }

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException, InterruptedException {
    return client.send(request, watched(request.uri().getRawAuthority(), handler));
  }

  private <T> HttpResponse.BodyHandler<T> watched(
      String origin, HttpResponse.BodyHandler<T> handler) {
    long asked = System.nanoTime();
    return info -> {
      Duration latency = Duration.ofNanos(System.nanoTime() - asked);
      observer.originAnswered(origin, info.statusCode(), latency);
      return new CountingSubscriber<>(
          handler.apply(info), bytes -> observer.originSent(origin, bytes));
    };
  }

  /** Tells of the bytes on their way to another. */
  private record CountingSubscriber<T>(HttpResponse.BodySubscriber<T> subscriber, LongConsumer sent)
      implements HttpResponse.BodySubscriber<T> {
    @Override
    public CompletionStage<T> getBody() {
      return subscriber.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscriber.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      long bytes = buffers.stream().mapToLong(ByteBuffer::remaining).sum();
      if (bytes > 0) {
        sent.accept(bytes);
      }
      subscriber.onNext(buffers);
    }

    @Override
    public void onError(Throwable cause) {
      subscriber.onError(cause);
    }

    @Override
    public void onComplete() {
      subscriber.onComplete();
    }
  }

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return client.cookieHandler();
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return client.connectTimeout();
  }

  @Override
  public Redirect followRedirects() {
    return client.followRedirects();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return client.proxy();
  }

  @Override
  public SSLContext sslContext() {
    return client.sslContext();
  }

  @Override
  public SSLParameters sslParameters() {
    return client.sslParameters();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return client.authenticator();
  }

  @Override
  public Version version() {
    return client.version();
  }

  @Override
  public Optional<Executor> executor() {
    return client.executor();
  }
}
