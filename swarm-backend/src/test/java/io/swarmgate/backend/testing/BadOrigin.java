package io.swarmgate.backend.testing;

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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A plain origin with one file under every path, that misbehaves as it is told to. */
public final class BadOrigin implements ResponseDefinitionTransformerV2, AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
  private static final String REDIRECTED = "/redirected";
  private static final String METAINFO = ".torrent";

  /** Some of which may hang. */
  private static final int THREADS = 100;

  /** Where it redirects to if it is to another host. */
  public static final String ELSEWHERE = "http://elsewhere.invalid/";

  /** How a GET is answered. */
  public enum Habit {
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
    RESETS;

    /** Whether it is a way to be set up, so that every answer has it; others pass. */
    public boolean lasts() {
      return switch (this) {
        case IGNORES_RANGE, WRONG_CONTENT_RANGE, REDIRECT_SAME_HOST -> true;
        default -> isFatal();
      };
    }

    /** Whether no response under a validator can be made from such answers. */
    public boolean isFatal() {
      return switch (this) {
        case OTHER_LENGTH, OTHER_VALIDATOR, CODED, REDIRECT_ELSEWHERE -> true;
        default -> false;
      };
    }
  }

  /** Its journal would keep every body. */
  public final WireMockServer server =
      new WireMockServer(
          options()
              .dynamicPort()
              .containerThreads(THREADS)
              .disableRequestJournal()
              .extensions(this));

  /** The Range fields of GETs, in order; "all" for those without. */
  public final List<String> gets = new CopyOnWriteArrayList<>();

  /** Bytes of content sent. */
  public final AtomicLong sent = new AtomicLong();

  public volatile byte[] content = {};
  public volatile @Nullable String etag;
  public volatile @Nullable String lastModified;
  public volatile String cacheControl = "max-age=60";

  /** A further field of each response; null for none. */
  public volatile @Nullable String pending;

  /** In which a response's body is spread. */
  public volatile int millis;

  /** The metainfo, by path, that every response links to; null for none. */
  public volatile @Nullable Function<String, byte[]> metainfo;

  private volatile Behaviour behaviour = new Behaviour(Habit.GOOD, 0, false);

  /** Of paths that have their own. */
  private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();

  public BadOrigin() {
    server.start();
    server.stubFor(any(anyUrl()).willReturn(aResponse()));
  }

  /** What is done with the next GETs. */
  private static final class Behaviour {
    final Habit habit;
    final AtomicInteger left;
    final AtomicBoolean half;

    Behaviour(Habit habit, int times, boolean afterHalf) {
      this.habit = habit;
      this.left = new AtomicInteger(times);
      this.half = new AtomicBoolean(afterHalf);
    }
  }

  /**
   * Makes it behave so for the next GETs, but for the first from the first byte on, which breaks
   * off half-way, if it says so.
   */
  public void behave(Habit habit, int times, boolean afterHalf) {
    behaviour = new Behaviour(habit, times, afterHalf);
  }

  /** The same for one path alone. */
  public void behave(String path, Habit habit, int times, boolean afterHalf) {
    behaviours.put(path, new Behaviour(habit, times, afterHalf));
  }

  public void serve(byte[] bytes, @Nullable String tag, @Nullable String modified) {
    content = bytes;
    etag = tag;
    lastModified = modified;
  }

  public String url() {
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
    Function<String, byte[]> torrents = metainfo;
    String url = request.getUrl();
    if (torrents != null && url.endsWith(METAINFO)) {
      String path = url.substring(0, url.length() - METAINFO.length());
      return aResponse().withStatus(200).withBody(torrents.apply(path)).build();
    }
    if (request.getMethod().equals(RequestMethod.HEAD)) {
      return described(request, aResponse().withStatus(200), etag)
          .withHeader("Content-Length", Integer.toString(all.length))
          .build();
    }
    String range = request.getHeader("Range");
    gets.add(range == null ? "all" : range);
    String match = request.getHeader("If-Match");
    if (match != null && !match.equals(etag)) {
      return aResponse().withStatus(412).build();
    }
    Behaviour as = behaviours.getOrDefault(url, behaviour);
    boolean fromStart = range == null || range.startsWith("bytes=0-");
    if (fromStart && as.half.getAndSet(false)) {
      return answer(request, all, range, Habit.TRUNCATED).build();
    }
    boolean redirected = url.endsWith(REDIRECTED);
    Habit now = !redirected && as.left.getAndDecrement() > 0 ? as.habit : Habit.GOOD;
    return answer(request, all, range, now).build();
  }

  private ResponseDefinitionBuilder described(
      Request request, ResponseDefinitionBuilder response, @Nullable String tag) {
    String modified = lastModified;
    String mark = pending;
    if (metainfo != null) {
      String link = "<%s%s>; rel=\"describedby\"; type=\"application/x-bittorrent\"";
      response.withHeader("Link", link.formatted(request.getUrl(), METAINFO));
    }
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

  private ResponseDefinitionBuilder answer(
      Request request, byte[] all, @Nullable String range, Habit now) {
    switch (now) {
      case SERVER_ERROR:
        return aResponse().withStatus(503).withBody("busy");
      case HANGS:
        return aResponse().withStatus(200).withFixedDelay(60_000);
      case RESETS:
        return aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER);
      case REDIRECT_SAME_HOST:
        return aResponse().withStatus(302).withHeader("Location", request.getUrl() + REDIRECTED);
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
            request,
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
