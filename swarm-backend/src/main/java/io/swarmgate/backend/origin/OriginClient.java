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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a site's origins, in order, until one answers with anything at all; one that failed a moment
 * ago comes last. Stages fail with {@link OriginException} if none does. Thread-safe; never blocks.
 */
final class OriginClient {
  private static final Logger LOG = LoggerFactory.getLogger(OriginClient.class);

  /** Most bytes of metainfo: enough for 12 TiB in pieces of 4 MiB. */
  private static final int MAX_METAINFO = 64 << 20;

  private final HttpClient http;
  private final List<Origin> origins;
  private final Redirects redirects;
  private final Secret secret;
  private final OriginTimeouts timeouts;
  private final String via;

  /** Redirects followed one after the other. */
  private final int mostRedirects;

  /**
   * Takes what an origin is asked with.
   *
   * @param origins at least one, in the order they are asked
   * @param via this node's name in Via
   */
  OriginClient(
      HttpClient http,
      List<Origin> origins,
      Redirects redirects,
      Secret secret,
      OriginTimeouts timeouts,
      String via) {
    this(http, origins, redirects, secret, timeouts, via, Redirects.MOST);
  }

  private OriginClient(
      HttpClient http,
      List<Origin> origins,
      Redirects redirects,
      Secret secret,
      OriginTimeouts timeouts,
      String via,
      int mostRedirects) {
    this.http = http;
    this.origins = origins;
    this.redirects = redirects;
    this.secret = secret;
    this.timeouts = timeouts;
    this.via = via;
    this.mostRedirects = mostRedirects;
  }

  /**
   * One that follows no redirects, for requests with a client's fields: redirects are the client's
   * to follow, and its credentials not for whom the origin names.
   */
  OriginClient unredirected() {
    return new OriginClient(http, origins, redirects, secret, timeouts, via, 0);
  }

  /** One that asks with these fields of a client's; it is this one if there are none. */
  OriginClient forFields(List<Field> fields) {
    return fields.isEmpty() ? this : unredirected();
  }

  OriginTimeouts timeouts() {
    return timeouts;
  }

  /** The origin with a base URL; empty if the site has none such any more. */
  Optional<Origin> origin(String base) {
    return origins.stream().filter(origin -> origin.base().toString().equals(base)).findFirst();
  }

  /**
   * Asks one origin after the other until one stage doesn't fail; fails as the last did.
   *
   * @param ask asks one of them
   */
  <T> CompletionStage<T> each(Function<Origin, CompletionStage<T>> ask) {
    List<Origin> order = origins.stream().sorted(Comparator.comparing(Origin::isAvoided)).toList();
    // Begun inside a stage, so that what the JDK throws at once fails the stage too.
    return CompletableFuture.completedStage(0).thenCompose(first -> each(order, first, ask));
  }

  private static <T> CompletionStage<T> each(
      List<Origin> order, int index, Function<Origin, CompletionStage<T>> ask) {
    CompletionStage<T> asked = ask.apply(order.get(index));
    if (index + 1 == order.size()) {
      return asked;
    }
    return asked
        .handle(
            (done, e) -> {
              if (e == null) {
                return asked;
              }
              LOG.warn("Trying the next origin: {}", cause(e).toString());
              return each(order, index + 1, ask);
            })
        .thenCompose(stage -> stage);
  }

  /**
   * Sends a client's request on, and completes with the response, whatever its status, when the
   * handler's body is there. Redirects are the client's to follow.
   */
  <T> CompletionStage<Answer<T>> send(
      String method, Target target, List<Field> fields, BodyHandler<T> handler) {
    return each(
        origin -> exchange(origin, request(method, target.at(origin.base()), fields), handler));
  }

  /**
   * Learns about a representation without its content.
   *
   * @param fields what to ask an origin with, which may not know another's validators
   */
  CompletionStage<Answer<byte[]>> head(Target target, Function<Origin, List<Field>> fields) {
    return each(
        origin ->
            ask(origin, "HEAD", target, fields.apply(origin), info -> small(1), new Call())
                .thenCompose(
                    answer ->
                        answer.status() == 405 || answer.status() == 501
                            ? ask(
                                origin,
                                "GET",
                                target,
                                fields.apply(origin),
                                info -> small(0),
                                new Call())
                            : CompletableFuture.completedStage(answer)));
  }

  /**
   * Fetches some bytes from one origin.
   *
   * @param length how many are expected; those of a response that isn't a 206 are not read
   * @param call gives it up
   */
  CompletionStage<Answer<byte[]>> range(
      Origin origin, Target target, List<Field> fields, int length, Call call) {
    return ask(
        origin, "GET", target, fields, info -> small(info.statusCode() == 206 ? length : 0), call);
  }

  /** A request with a short answer, in its turn, followed where it is redirected to. */
  private CompletionStage<Answer<byte[]>> ask(
      Origin origin,
      String method,
      Target target,
      List<Field> fields,
      BodyHandler<byte[]> handler,
      Call call) {
    return origin
        .shortAnswers()
        .during(() -> follow(origin, method, target.at(origin.base()), fields, handler, call, 0));
  }

  /**
   * Begins a response of any length from one origin, redirects followed; completes with its head.
   * The caller sees to its turn.
   */
  <T> CompletionStage<Answer<T>> stream(
      Origin origin, Target target, List<Field> fields, BodyHandler<T> handler, Call call) {
    return CompletableFuture.completedStage(0)
        .thenCompose(
            none -> follow(origin, "GET", target.at(origin.base()), fields, handler, call, none));
  }

  private <T> CompletionStage<Answer<T>> follow(
      Origin origin,
      String method,
      URI url,
      List<Field> fields,
      BodyHandler<T> handler,
      Call call,
      int followed) {
    return exchange(origin, request(method, url, fields), handler, call)
        .thenCompose(
            answer ->
                redirects
                    .next(url, answer.status(), answer.headers())
                    .filter(to -> followed < mostRedirects)
                    .map(to -> follow(origin, method, to, fields, handler, call, followed + 1))
                    .orElseGet(() -> CompletableFuture.completedStage(answer)));
  }

  /** A body of at most so many bytes. */
  private LimitedBody small(int limit) {
    return new LimitedBody(limit, timeouts.whole());
  }

  /**
   * Fetches metainfo from the origin that named it, and shows it the token.
   *
   * @param more fields to ask with besides
   */
  CompletionStage<Answer<byte[]>> metainfo(Origin origin, URI url, List<Field> more) {
    List<Field> fields = new ArrayList<>(more);
    if (!secret.isEmpty()) {
      fields.add(new Field(MetainfoToken.FIELD, MetainfoToken.of(secret, url.getRawAuthority())));
    }
    return origin
        .shortAnswers()
        .during(
            () ->
                exchange(
                    origin,
                    request("GET", url, fields),
                    info -> small(info.statusCode() == 200 ? MAX_METAINFO : 0)));
  }

  private <T> CompletionStage<Answer<T>> exchange(
      Origin origin, HttpRequest request, BodyHandler<T> handler) {
    return exchange(origin, request, handler, new Call());
  }

  private <T> CompletionStage<Answer<T>> exchange(
      Origin origin, HttpRequest request, BodyHandler<T> handler, Call call) {
    CompletableFuture<HttpResponse<T>> exchange = http.sendAsync(request, handler);
    call.begins(exchange);
    return exchange.handle(
        (response, e) -> {
          if (e == null) {
            origin.answered();
            return new Answer<>(origin, response);
          }
          if (!call.isCancelled()) {
            origin.failed();
          }
          throw new CompletionException(failure(request.uri(), e));
        });
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

  private static OriginException failure(URI url, Throwable e) {
    Throwable cause = cause(e);
    int status = cause instanceof HttpTimeoutException ? 504 : 502;
    // Without the query, which may hold what no log should.
    String asked = url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
    return new OriginException(status, asked + ": expected an answer, got " + cause, cause);
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
