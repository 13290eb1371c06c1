package io.swarmgate.backend.origin;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.http.Request;
import com.github.tomakehurst.wiremock.http.RequestMethod;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A plain origin with one file under every path, that misbehaves as it is told to. */
final class BadOrigin implements ResponseDefinitionTransformerV2, AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
  private static final String ELSEWHERE = "http://elsewhere.invalid/";

  /** How a GET is answered. */
  enum Habit {
    GOOD,
    IGNORES_RANGE,
    WRONG_CONTENT_RANGE,
    OTHER_LENGTH,
    OTHER_VALIDATOR,
    CODED,
    TRUNCATED,
    REDIRECT_SAME_HOST,
    REDIRECT_ELSEWHERE,
    SERVER_ERROR,
    HANGS,
    RESETS
  }

  /** Its journal would keep every body. */
  final WireMockServer server =
      new WireMockServer(options().dynamicPort().disableRequestJournal().extensions(this));

  /** The Range fields of GETs, in order; "all" for those without. */
  final List<String> gets = new CopyOnWriteArrayList<>();

  /** Bytes of content sent. */
  final AtomicLong sent = new AtomicLong();

  volatile byte[] content = {};
  volatile @Nullable String etag;
  volatile @Nullable String lastModified;
  volatile String cacheControl = "max-age=60";

  /** A further field of each response; null for none. */
  volatile @Nullable String pending;

  /** In which a response's body is spread. */
  volatile int millis;

  private volatile Habit habit = Habit.GOOD;
  private final AtomicInteger left = new AtomicInteger();
  private final AtomicInteger goodFirst = new AtomicInteger();

  BadOrigin() {
    server.start();
    server.stubFor(any(anyUrl()).willReturn(aResponse()));
  }

  /** Makes it behave so for the next GETs, after one that breaks off half-way if it says so. */
  void behave(Habit next, int times, boolean afterHalf) {
    habit = next;
    left.set(times);
    goodFirst.set(afterHalf ? 1 : 0);
  }

  void serve(byte[] bytes, @Nullable String tag, @Nullable String modified) {
    content = bytes;
    etag = tag;
    lastModified = modified;
  }

  String url() {
    return server.baseUrl();
  }

  @Override
  public String getName() {
    return "origin";
  }

  @Override
  public ResponseDefinition transform(ServeEvent event) {
    Request request = event.getRequest();
    byte[] all = content;
    if (request.getMethod().equals(RequestMethod.HEAD)) {
      return described(aResponse().withStatus(200), etag)
          .withHeader("Content-Length", Integer.toString(all.length))
          .build();
    }
    String range = request.getHeader("Range");
    gets.add(range == null ? "all" : range);
    String match = request.getHeader("If-Match");
    if (match != null && !match.equals(etag)) {
      return aResponse().withStatus(412).build();
    }
    if (goodFirst.get() > 0) {
      goodFirst.decrementAndGet();
      return answer(all, range, Habit.TRUNCATED).build();
    }
    boolean elsewhere = request.getUrl().contains("redirected");
    Habit now = !elsewhere && left.getAndDecrement() > 0 ? habit : Habit.GOOD;
    return answer(all, range, now).build();
  }

  private ResponseDefinitionBuilder described(
      ResponseDefinitionBuilder response, @Nullable String tag) {
    String modified = lastModified;
    String mark = pending;
    response.withHeader("Cache-Control", cacheControl);
    if (tag != null) {
      response.withHeader("ETag", tag);
    }
    if (modified != null) {
      response.withHeader("Last-Modified", modified);
    }
    if (mark != null) {
      response.withHeader("Swarmgate-Metainfo", mark);
    }
    return response;
  }

  private ResponseDefinitionBuilder answer(byte[] all, @Nullable String range, Habit now) {
    switch (now) {
      case SERVER_ERROR:
        return aResponse().withStatus(503).withBody("busy");
      case HANGS:
        return aResponse().withStatus(200).withFixedDelay(60_000);
      case RESETS:
        return aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER);
      case REDIRECT_SAME_HOST:
        return aResponse().withStatus(302).withHeader("Location", "/redirected");
      case REDIRECT_ELSEWHERE:
        return aResponse().withStatus(302).withHeader("Location", ELSEWHERE);
      default:
    }
    Matcher asked = RANGE.matcher(range == null || now == Habit.IGNORES_RANGE ? "" : range);
    boolean part = asked.matches();
    int start = part ? Integer.parseInt(asked.group(1)) : 0;
    int end = part && !asked.group(2).isEmpty() ? Integer.parseInt(asked.group(2)) + 1 : all.length;
    int total = all.length + (now == Habit.OTHER_LENGTH ? 1 : 0);
    int shift = now == Habit.WRONG_CONTENT_RANGE ? 1 : 0;
    byte[] body =
        Arrays.copyOfRange(all, start, end + (now == Habit.OTHER_LENGTH && !part ? 1 : 0));
    ResponseDefinitionBuilder response =
        described(
            aResponse().withStatus(part ? 206 : 200),
            now == Habit.OTHER_VALIDATOR ? "\"other\"" : etag);
    if (part) {
      response.withHeader(
          "Content-Range",
          String.format(Locale.ROOT, "bytes %d-%d/%d", start + shift, end - 1 + shift, total));
    }
    response.withHeader("Content-Length", Integer.toString(body.length));
    if (now == Habit.TRUNCATED) {
      body = Arrays.copyOf(body, body.length / 2);
    }
    if (now == Habit.CODED) {
      response.withHeader("Content-Encoding", "br");
    }
    sent.addAndGet(body.length);
    if (millis > 0) {
      response.withChunkedDribbleDelay(Math.max(1, body.length >> 16), millis);
    }
    return response.withBody(body);
  }

  @Override
  public void close() {
    server.stop();
  }
}
