package io.swarmgate.backend.swarm.bt;

import bt.bencoding.BEType;
import bt.bencoding.model.BEObject;
import bt.bencoding.serializers.BEParser;
import bt.bencoding.types.BEInteger;
import bt.bencoding.types.BEList;
import bt.bencoding.types.BEMap;
import bt.bencoding.types.BEString;
import io.swarmgate.backend.swarm.Announce;
import io.swarmgate.backend.swarm.Announced;
import io.swarmgate.backend.swarm.Tracker;
import io.swarmgate.backend.swarm.TrackerRefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A tracker spoken to over HTTP (BEP 3, BEP 23, BEP 7), with the JDK's client and bt's bencoding:
 * bt-core has no HTTP tracker, and the one that goes with it reads no {@code peers6} and brings a
 * second HTTP client.
 */
final class HttpTracker implements Tracker {
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  /** Most bytes read of an answer: some 1000 peers, in their long form. */
  private static final int MAX_ANSWER = 256 << 10;

  private static final int MAX_SECONDS = 7 * 24 * 3600;

  private final URI url;
  private final Executor pool;
  private @Nullable HttpClient client;

  HttpTracker(URI url, Executor pool) {
    this.url = url;
    this.pool = pool;
  }

  /** Made with the first announce; it has a thread of its own. */
  private synchronized HttpClient client() {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(TIMEOUT)
              .followRedirects(HttpClient.Redirect.NEVER)
              .executor(pool)
              .build();
    }
    return client;
  }

  @Override
  public CompletionStage<Announced> announce(Announce announce) {
    return CompletableFuture.supplyAsync(() -> request(announce), pool)
        .thenCompose(this::exchange)
        .thenApplyAsync(HttpTracker::read, pool);
  }

  /** On the pool: both addresses may have to be looked up. */
  private HttpRequest request(Announce announce) {
    StringBuilder query = new StringBuilder(256);
    query.append("info_hash=").append(encoded(announce.infoHash().bytes()));
    query.append("&peer_id=").append(encoded(announce.peerId().bytes()));
    query.append("&port=").append(announce.port());
    query.append("&uploaded=").append(announce.uploaded());
    query.append("&downloaded=").append(announce.downloaded());
    query.append("&left=").append(announce.left());
    query.append("&compact=1&numwant=").append(announce.want());
    query.append("&key=").append(String.format(Locale.ROOT, "%08X", announce.key()));
    if (announce.event() != Announce.Event.NONE) {
      query.append("&event=").append(announce.event().name().toLowerCase(Locale.ROOT));
    }
    Trackers.address(announce.host())
        .map(InetAddress::getHostAddress)
        .ifPresent(ip -> query.append("&ip=").append(ip.replaceAll("%.*", "").replace(":", "%3A")));
    String base = url.toString();
    URI target = URI.create(base + (base.indexOf('?') < 0 ? '?' : '&') + query);
    return HttpRequest.newBuilder(target)
        .timeout(TIMEOUT)
        .header("User-Agent", "Swarmgate")
        .build();
  }

  private static String encoded(byte[] bytes) {
    StringBuilder out = new StringBuilder(3 * bytes.length);
    for (byte b : bytes) {
      out.append(String.format(Locale.ROOT, "%%%02X", b & 0xff));
    }
    return out.toString();
  }

  private CompletableFuture<Answer> exchange(HttpRequest request) {
    CompletableFuture<HttpResponse<Answer>> exchange =
        client().sendAsync(request, HttpTracker::subscriber);
    // The request's own time-out ends with the head; this one holds for the body as well.
    return exchange
        .copy()
        .orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((response, failure) -> exchange.cancel(true))
        .thenApply(HttpResponse::body);
  }

  private static HttpResponse.BodySubscriber<Answer> subscriber(HttpResponse.ResponseInfo info) {
    Answer answer = new Answer(info.statusCode());
    return BodySubscribers.mapping(
        BodySubscribers.ofByteArrayConsumer(part -> part.ifPresent(answer::add)), unused -> answer);
  }

  /** What came, as far as it is kept. */
  private static final class Answer {
    private final int status;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean tooLong;

    Answer(int status) {
      this.status = status;
    }

    void add(byte[] part) {
      tooLong |= body.size() + part.length > MAX_ANSWER;
      if (!tooLong) {
        body.writeBytes(part);
      }
    }
  }

  private static Announced read(Answer answer) {
    try {
      return parse(answer);
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static Announced parse(Answer answer) throws IOException {
    if (answer.tooLong) {
      throw new IOException("expected at most " + MAX_ANSWER + " bytes, got more");
    }
    Map<String, BEObject<?>> values;
    try {
      values = map(answer.body.toByteArray());
    } catch (RuntimeException e) {
      throw new IOException(
          "expected a bencoded dictionary, got status " + answer.status + " and something else", e);
    }
    if (values.get("failure reason") instanceof BEString reason) {
      throw new TrackerRefusedException(printable(reason.getValue()));
    }
    if (answer.status != 200) {
      throw new IOException("expected status 200, got " + answer.status);
    }
    List<InetSocketAddress> peers = new ArrayList<>();
    BEObject<?> peers4 = values.get("peers");
    if (peers4 instanceof BEString compact) {
      peers.addAll(CompactPeers.ipv4(compact.getValue()));
    } else if (peers4 instanceof BEList list) {
      list.getValue().forEach(peer -> addPeer(peer, peers));
    }
    if (values.get("peers6") instanceof BEString compact) {
      peers.addAll(CompactPeers.ipv6(compact.getValue()));
    }
    return new Announced(peers, seconds(values, "interval"), seconds(values, "min interval"));
  }

  private static Map<String, BEObject<?>> map(byte[] body) {
    try (BEParser parser = new BEParser(body)) {
      if (parser.readType() != BEType.MAP) {
        throw new IllegalArgumentException("no dictionary");
      }
      return parser.readMap().getValue();
    }
  }

  /** A peer in BEP 3's long form. Names are left out: no DNS on a tracker's word. */
  private static void addPeer(BEObject<?> peer, List<InetSocketAddress> peers) {
    if (peer instanceof BEMap map
        && map.getValue().get("ip") instanceof BEString ip
        && map.getValue().get("port") instanceof BEInteger port) {
      String host = new String(ip.getValue(), StandardCharsets.US_ASCII);
      int number = port.getValue().intValue();
      if (host.matches("[0-9]+(\\.[0-9]+){3}|[0-9a-fA-F.]*:[0-9a-fA-F:.]*")
          && number > 0
          && number < 65536) {
        Trackers.address(host)
            .ifPresent(address -> peers.add(new InetSocketAddress(address, number)));
      }
    }
  }

  private static Duration seconds(Map<String, BEObject<?>> values, String key) {
    return values.get(key) instanceof BEInteger seconds
        ? Duration.ofSeconds(Math.max(0, Math.min(MAX_SECONDS, seconds.getValue().longValue())))
        : Duration.ZERO;
  }

  /** A tracker's words as they may stand in a log. */
  static String printable(byte[] text) {
    String all = new String(text, StandardCharsets.UTF_8).replaceAll("\\p{C}", " ").strip();
    return all.length() <= 200 ? all : all.substring(0, 200);
  }

  @Override
  public String toString() {
    return Trackers.name(url);
  }
}
