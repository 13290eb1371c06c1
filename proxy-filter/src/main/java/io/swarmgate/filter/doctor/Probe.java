package io.swarmgate.filter.doctor;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends the requests of a check, none of which follows redirects or takes longer than a limit,
 * whatever the server does. Thread-safe; blocks.
 */
final class Probe {
  private final HttpClient http;
  private final Duration timeout;

  /** A response's head, and the first bytes of its body. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(HttpResponse.ResponseInfo head, byte[] bytes) {
    int status() {
      return head.statusCode();
    }
  }

  /**
   * Takes the limit.
   *
   * @param timeout of connecting, and of a request from its begin to the last byte that is wanted
   */
  Probe(Duration timeout) {
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    this.timeout = timeout;
  }

  Answer head(URI url) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(url).method("HEAD", HttpRequest.BodyPublishers.noBody()), 0);
  }

  /**
   * Sends a GET.
   *
   * @param most bytes of the body that are wanted; a server that ignores Range sends all of it,
   *     which is not waited for
   * @param fields names and values in turn
   */
  Answer get(URI url, int most, String... fields) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(url).headers(fields), most);
  }

  private Answer send(HttpRequest.Builder request, int most)
      throws IOException, InterruptedException {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    // By HTTP/2 giving up is a failure of its own, which comes after what is wanted.
    var sending =
        http.sendAsync(
            request.build(),
            head -> {
              Beginning body = new Beginning(most);
              body.getBody().thenAccept(bytes -> answer.complete(new Answer(head, bytes)));
              return body;
            });
    sending.whenComplete(
        (response, e) -> {
          if (e != null) {
            answer.completeExceptionally(e);
          }
        });
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw cause instanceof IOException io ? io : new IOException(cause);
    } catch (TimeoutException e) {
      throw new IOException("expected an answer within " + timeout.toMillis() + " ms", e);
    } finally {
      sending.cancel(true);
    }
  }
}
