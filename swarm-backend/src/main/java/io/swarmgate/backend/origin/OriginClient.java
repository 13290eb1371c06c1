package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.site.MetainfoToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a site's origins, in order, until one answers with anything at all. Stages fail with {@link
 * OriginException} if none does. Thread-safe; never blocks.
 */
final class OriginClient {
  private static final Logger LOG = LoggerFactory.getLogger(OriginClient.class);

  /** Most bytes of metainfo: enough for 12 TiB in pieces of 4 MiB. */
  private static final int MAX_METAINFO = 64 << 20;

  private final HttpClient http;
  private final List<URI> bases;
  private final Secret secret;
  private final OriginTimeouts timeouts;
  private final String via;

  /**
   * Takes what an origin is asked with.
   *
   * @param via this node's name in Via
   */
  OriginClient(
      HttpClient http, List<URI> bases, Secret secret, OriginTimeouts timeouts, String via) {
    this.http = http;
    this.bases = bases;
    this.secret = secret;
    this.timeouts = timeouts;
    this.via = via;
  }

  /**
   * Sends a request and completes with the response, whatever its status, when the handler's body
   * is there.
   */
  <T> CompletionStage<HttpResponse<T>> send(
      String method, Target target, List<Field> fields, BodyHandler<T> handler) {
    // Begun inside a stage, so that what the JDK throws at once fails the stage too.
    return CompletableFuture.completedStage(0)
        .thenCompose(first -> send(first, method, target, fields, handler));
  }

  private <T> CompletionStage<HttpResponse<T>> send(
      int index, String method, Target target, List<Field> fields, BodyHandler<T> handler) {
    return exchange(request(method, target.at(bases.get(index)), fields), handler)
        .handle(
            (response, e) -> {
              if (e == null) {
                return CompletableFuture.completedStage(response);
              }
              if (index + 1 == bases.size()) {
                return CompletableFuture.<HttpResponse<T>>failedStage(
                    failure(target, bases.get(index), e));
              }
              LOG.warn("{} failed, trying the next origin: {}", bases.get(index), e.toString());
              return send(index + 1, method, target, fields, handler);
            })
        .thenCompose(stage -> stage);
  }

  /** Learns about a representation without its content. */
  CompletionStage<HttpResponse<byte[]>> head(Target target, List<Field> fields) {
    return send("HEAD", target, fields, info -> small(1))
        .thenCompose(
            response ->
                response.statusCode() == 405 || response.statusCode() == 501
                    ? send("GET", target, fields, info -> small(0))
                    : CompletableFuture.completedStage(response));
  }

  /**
   * Fetches some bytes.
   *
   * @param length how many are expected; those of a response that isn't a 206 are not read
   */
  CompletionStage<HttpResponse<byte[]>> range(Target target, List<Field> fields, int length) {
    return send("GET", target, fields, info -> small(info.statusCode() == 206 ? length : 0));
  }

  /** A body of at most so many bytes. */
  private LimitedBody small(int limit) {
    return new LimitedBody(limit, timeouts.whole());
  }

  /** Fetches metainfo from the origin that named it, and shows it the token. */
  CompletionStage<HttpResponse<byte[]>> metainfo(URI url) {
    List<Field> fields =
        secret.isEmpty()
            ? List.of()
            : List.of(
                new Field(MetainfoToken.FIELD, MetainfoToken.of(secret, url.getRawAuthority())));
    return exchange(
        request("GET", url, fields), info -> small(info.statusCode() == 200 ? MAX_METAINFO : 0));
  }

  private <T> CompletableFuture<HttpResponse<T>> exchange(
      HttpRequest request, BodyHandler<T> handler) {
    return http.sendAsync(request, handler);
  }

  private HttpRequest request(String method, URI url, List<Field> fields) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(url)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(timeouts.head())
            .header("Accept-Encoding", "identity")
            .header("Via", via);
    for (Field field : fields) {
      try {
        builder.header(field.name(), field.value());
      } catch (IllegalArgumentException e) {
        LOG.debug("Not sent to {}: {}", url.getRawAuthority(), e.toString());
      }
    }
    return builder.build();
  }

  private static OriginException failure(Target target, URI base, Throwable e) {
    Throwable cause = cause(e);
    int status = cause instanceof HttpTimeoutException ? 504 : 502;
    return new OriginException(
        status, target + ": expected an answer from " + base + ", got " + cause, cause);
  }

  /** What went wrong, without the wrapping of completion stages. */
  static Throwable cause(Throwable e) {
    Throwable inner = e.getCause();
    return e instanceof CompletionException && inner != null ? cause(inner) : e;
  }

  /** The same as an I/O failure. */
  static IOException ioCause(Throwable e) {
    Throwable cause = cause(e);
    return cause instanceof IOException io
        ? io
        : new IOException(
            cause instanceof TimeoutException ? "timed out" : cause.toString(), cause);
  }
}
