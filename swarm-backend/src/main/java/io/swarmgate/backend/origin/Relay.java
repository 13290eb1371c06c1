package io.swarmgate.backend.origin;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Field;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;

/** Streams an origin's response through to the client. Thread-safe; never blocks. */
final class Relay {
  private final OriginClient client;
  private final Duration stall;
  private final Executor handOff;
  private final LongAdder bytes = new LongAdder();

  Relay(OriginClient client, Duration stall, Executor handOff) {
    this.client = client;
    this.stall = stall;
    this.handOff = handOff;
  }

  /** Sends the client's request on; fails with {@link OriginException} if no origin answers. */
  CompletionStage<Outcome> relay(RequestView view, Target target) {
    return client
        .send(
            view.method(),
            target,
            EndToEnd.ofRequest(view),
            info -> new RelayedBody(length(view, info), stall, handOff, bytes::add))
        .thenApply(
            answer ->
                new Outcome.PassThrough(
                    answer.status(), fields(answer.response()), answer.response().body()));
  }

  /** The origin's, and in Cache-Status (RFC 9211) that nothing was here to answer with. */
  private static List<Field> fields(HttpResponse<?> response) {
    List<Field> fields = new ArrayList<>(EndToEnd.ofResponse(response.headers()));
    fields.add(
        new Field(
            "Cache-Status",
            "Swarmgate; fwd=miss; fwd-status=" + response.statusCode() + "; detail=relayed"));
    return fields;
  }

  /** What who asked for nothing but what is here is told, where it isn't. */
  Outcome unavailable() {
    return new Outcome.PassThrough(
        504,
        List.of(
            new Field("Content-Length", "0"),
            new Field("Cache-Control", "no-store"),
            new Field("Cache-Status", "Swarmgate; detail=only-if-cached")),
        new RelayedBody(0, stall, handOff, bytes::add));
  }

  /** Bytes of content relayed so far. */
  long bytes() {
    return bytes.sum();
  }

  private static long length(RequestView view, HttpResponse.ResponseInfo info) {
    boolean none =
        view.method().equals("HEAD") || info.statusCode() == 204 || info.statusCode() == 304;
    return none ? 0 : Head.length(info.headers()).orElse(-1);
  }
}
