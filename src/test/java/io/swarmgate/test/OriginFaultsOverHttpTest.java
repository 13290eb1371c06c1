package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.testing.BadOrigin;
import io.swarmgate.backend.testing.BadOrigin.Habit;
import io.swarmgate.backend.testing.TorrentMaker;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.test.harness.EmbeddedNode;
import io.swarmgate.test.harness.EmbeddedNode.Behind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What clients see of an origin's faults, as docs/origins.md has it, by whatever way its bytes come
 * to them: through the filter in every second case, and through the handler. All is asked for at
 * once, since some answers take as long as a timeout.
 */
@TestInstance(Lifecycle.PER_CLASS)
class OriginFaultsOverHttpTest {
  private static final byte[] CONTENT = new byte[(2 << 20) + 12345];
  private static final int PIECE = 256 << 10;
  private static final String ETAG = "\"one\"";
  private static final String MULTIPART = "multipart/byteranges; boundary=";

  /** Above those that wait for a timeout. */
  private static final int CLIENTS = 48;

  private static final int ALWAYS = 1000;

  /** How long a reader waits for its next byte. */
  private static final long STALL_LIMIT_SECONDS = 20;

  private final Map<Way, BadOrigin> origins = new EnumMap<>(Way.class);
  private final Map<Behind, EmbeddedNode> nodes = new EnumMap<>(Behind.class);
  private final Map<Case, Future<?>> asked = new ConcurrentHashMap<>();
  private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);

  /** How an origin's bytes come to a client. */
  enum Way {
    RELAYED,
    TAKEN_IN,
    /** After one answer that is good until half of the file has come. */
    TAKEN_IN_FROM_HALF,
    /** In one response, since nothing tells versions apart. */
    TAKEN_IN_WITHOUT_VALIDATOR,
    /** Piece by piece, since no peer has any. */
    RACED
  }

  /** What a client asks for. */
  enum Shape {
    FULL,
    RANGE(new ByteSpan(1_500_000, 1_900_000)),
    MULTI_RANGE(
        new ByteSpan(1_900_000, 1_950_000), new ByteSpan(10, 20), new ByteSpan(600_000, 601_000));

    final List<ByteSpan> spans;

    Shape(ByteSpan... spans) {
      this.spans = List.of(spans);
    }

    List<Field> fields() {
      return spans.isEmpty()
          ? List.of()
          : List.of(
              new Field(
                  "Range",
                  "bytes="
                      + String.join(
                          ",", spans.stream().map(s -> s.start() + "-" + (s.end() - 1)).toList())));
    }
  }

  record Case(Behind behind, Way way, Habit habit, Shape shape) {
    /** Of a file of its own, whose name makes it a torrent of its own, too. */
    String path() {
      return "/%s/%s-%s-%s".formatted(way, behind, habit, shape);
    }

    /** Whether the origin's own response is what the client gets, or ought to be. */
    boolean isRelayed() {
      // What can't be asked for in parts isn't taken in for a part far ahead.
      return way == Way.RELAYED || (way == Way.TAKEN_IN_WITHOUT_VALIDATOR && shape != Shape.FULL);
    }

    int times() {
      if (isRelayed() || (habit.lasts() && way != Way.RACED)) {
        return ALWAYS;
      }
      return habit == Habit.HANGS ? 1 : 2;
    }
  }

  @BeforeAll
  void askAll(@TempDir Path base) throws Exception {
    new Random(7).nextBytes(CONTENT);
    StringBuilder settings = new StringBuilder("sites=" + String.join(",", names()) + "\n");
    for (Way way : Way.values()) {
      BadOrigin origin = new BadOrigin();
      origins.put(way, origin);
      origin.serve(CONTENT, way == Way.TAKEN_IN_WITHOUT_VALIDATOR ? null : ETAG, null);
      settings.append(
          "%1$s.patterns=/%2$s/*\n%1$s.origin=%3$s\n".formatted(name(way), way, origin.url()));
    }
    origin(Way.RELAYED).cacheControl = "private";
    origin(Way.RACED).metainfo = path -> TorrentMaker.single(path.substring(7), CONTENT, PIECE);
    Path file = Files.writeString(base.resolve("sites.properties"), settings);
    for (Behind behind : Behind.values()) {
      nodes.put(
          behind,
          EmbeddedNode.start(
              behind,
              Map.of(
                  "config",
                  file.toString(),
                  "store",
                  base.resolve("store-" + behind).toString(),
                  "peerPort",
                  "0",
                  "adminListen",
                  "off")));
    }
    List<Case> all =
        cases().sorted(Comparator.comparing(each -> each.habit() != Habit.HANGS)).toList();
    for (Case each : all) {
      origin(each.way())
          .behave(each.path(), each.habit(), each.times(), each.way() == Way.TAKEN_IN_FROM_HALF);
    }
    for (Case each : all) {
      asked.put(each, clients.submit(() -> check(each)));
    }
  }

  private static List<String> names() {
    return Arrays.stream(Way.values()).map(OriginFaultsOverHttpTest::name).toList();
  }

  private static String name(Way way) {
    return way.name().toLowerCase(Locale.ROOT).replace("_", "");
  }

  private BadOrigin origin(Way way) {
    return Objects.requireNonNull(origins.get(way));
  }

  @AfterAll
  void end() throws Exception {
    for (EmbeddedNode node : nodes.values()) {
      node.close();
    }
    // At once, since each waits for what hangs.
    origins.values().forEach(origin -> clients.execute(origin::close));
    clients.shutdown();
    assertThat(clients.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
  }

  static Stream<Case> cases() {
    List<Case> all = new ArrayList<>();
    for (Way way : Way.values()) {
      for (Habit habit : Habit.values()) {
        for (Shape shape : Shape.values()) {
          // A piece's timeout and a reader's are too close to be told apart on a loaded machine.
          if (way != Way.RACED || habit != Habit.HANGS) {
            Behind behind = Behind.values()[all.size() % 2];
            all.add(new Case(behind, way, habit, shape));
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void clientsSeeWhatIsDocumentedAndNoWrongByte(Case each) throws Exception {
    Objects.requireNonNull(asked.get(each)).get(60, TimeUnit.SECONDS);
  }

  private Void check(Case each) throws Exception {
    long asked = System.nanoTime();
    RawResponse response = ask(each);
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - asked);
    if (each.isRelayed()) {
      checkRelayed(each, response);
    } else if (each.habit() == Habit.HANGS && seconds >= STALL_LIMIT_SECONDS) {
      checkGivenUp(each, response);
    } else if (isServed(each)) {
      checkWhole(each, response);
    } else {
      checkCutOff(response);
      if (isLeftAlone(each)) {
        checkNext(each);
      }
    }
    return null;
  }

  private RawResponse ask(Case each) throws IOException {
    int port = Objects.requireNonNull(nodes.get(each.behind())).uri("").getPort();
    return RawClient.exchange(port, "GET", each.path(), each.shape().fields());
  }

  /** Whether all of it is there in the end. */
  private static boolean isServed(Case each) {
    return switch (each.way()) {
      case RACED -> true;
      // Another ETag is none that could be wrong; what has come in part can't be gone on with.
      case TAKEN_IN_WITHOUT_VALIDATOR ->
          each.habit() == Habit.OTHER_VALIDATOR
              || (!each.habit().isFatal() && each.habit() != Habit.TRUNCATED);
      default -> !each.habit().isFatal();
    };
  }

  private static boolean isLeftAlone(Case each) {
    return each.habit().isFatal();
  }

  /** It is as the origin itself gives it, unless that gives none. */
  private void checkRelayed(Case each, RawResponse response) throws IOException {
    switch (each.habit()) {
      case HANGS -> assertThat(response.status()).isEqualTo(504);
      case RESETS -> assertThat(response.status()).isEqualTo(502);
      case TRUNCATED -> {
        // It depends on which is sooner, the failure or the first byte sent on.
        if (response.status() != 502) {
          checkAsItCame(each, response);
        }
      }
      default -> checkAsItCame(each, response);
    }
  }

  private void checkAsItCame(Case each, RawResponse response) throws IOException {
    int port = origin(each.way()).server.port();
    RawResponse straight = RawClient.exchange(port, "GET", each.path(), each.shape().fields());
    assertThat(response.status()).isEqualTo(straight.status());
    for (String name : List.of("ETag", "Content-Range", "Content-Encoding", "Location")) {
      assertThat(response.values(name)).as(name).isEqualTo(straight.values(name));
    }
    assertThat(response.whole()).isEqualTo(straight.whole());
    assertThat(
            straight.whole()
                ? Arrays.equals(response.body(), straight.body())
                : isBeginning(response.body(), straight.body()))
        .isTrue();
  }

  private static void checkWhole(Case each, RawResponse response) throws IOException {
    assertThat(response.status()).isEqualTo(each.shape() == Shape.FULL ? 200 : 206);
    assertThat(response.whole()).isTrue();
    assertThat(Arrays.equals(response.body(), expected(each.shape(), response))).isTrue();
    assertThat(response.value("Content-Encoding")).isNull();
    if (each.way() != Way.TAKEN_IN_WITHOUT_VALIDATOR) {
      assertThat(response.value("ETag")).isEqualTo(ETAG);
    }
  }

  /**
   * On a machine so slow that between an origin's time to answer, 15 s, and a reader's patience, 20
   * s, nothing comes: all of it, or the right bytes and then none.
   */
  private static void checkGivenUp(Case each, RawResponse response) throws IOException {
    if (response.whole() && response.status() != 504) {
      checkWhole(each, response);
    } else if (response.status() != 504) {
      assertThat(response.status()).isEqualTo(each.shape() == Shape.FULL ? 200 : 206);
      assertThat(isBeginning(response.body(), expected(each.shape(), response))).isTrue();
    }
  }

  /** A bad gateway if nothing had come yet, else the right bytes and then none. */
  private static void checkCutOff(RawResponse response) {
    if (response.status() != 502) {
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.whole()).isFalse();
      assertThat(isBeginning(response.body(), CONTENT)).isTrue();
    }
  }

  /** The file is left to the origin for a while; after that it is taken in again, and in vain. */
  private void checkNext(Case each) throws IOException {
    RawResponse next =
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> ask(each), response -> response.status() != 502);
    checkAsItCame(each, next);
  }

  private static boolean isBeginning(byte[] some, byte[] all) {
    int at = Arrays.mismatch(some, all);
    return at < 0 || at == some.length;
  }

  private static byte[] expected(Shape shape, RawResponse response) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    switch (shape) {
      case FULL -> body.write(CONTENT);
      case RANGE -> {
        ByteSpan span = shape.spans.get(0);
        assertThat(response.value("Content-Range")).isEqualTo(contentRange(span));
        write(body, span);
      }
      case MULTI_RANGE -> {
        String type = response.required("Content-Type");
        assertThat(type).startsWith(MULTIPART);
        String boundary = type.substring(MULTIPART.length());
        for (ByteSpan span : shape.spans) {
          String head = "\r\n--%s\r\nContent-Range: %s\r\n\r\n";
          body.write(head.formatted(boundary, contentRange(span)).getBytes(ISO_8859_1));
          write(body, span);
        }
        body.write(("\r\n--" + boundary + "--\r\n").getBytes(ISO_8859_1));
      }
    }
    return body.toByteArray();
  }

  private static void write(ByteArrayOutputStream body, ByteSpan span) {
    body.write(CONTENT, (int) span.start(), (int) span.length());
  }

  private static String contentRange(ByteSpan span) {
    return "bytes %d-%d/%d".formatted(span.start(), span.end() - 1, CONTENT.length);
  }
}
