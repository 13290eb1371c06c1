package io.swarmgate.backend.origin;

import static io.swarmgate.backend.origin.ShieldFixture.PATH;
import static io.swarmgate.backend.origin.ShieldFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.content.StalledException;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.site.MetainfoToken;
import io.swarmgate.backend.testing.BadOrigin;
import io.swarmgate.backend.testing.BadOrigin.Habit;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestCodec;
import io.swarmgate.backend.testing.TestRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShieldTest {
  private static final byte[] CONTENT = bytes(1);
  private static final byte[] OTHER = bytes(2);
  private static final String ONE = "\"one\"";
  private static final String MODIFIED = "Tue, 01 Jul 2025 10:00:00 GMT";

  private static BadOrigin origin;

  @TempDir Path base;
  private ShieldFixture shield;

  private static byte[] bytes(int seed) {
    byte[] bytes = new byte[(5 << 20) + 4321];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @BeforeAll
  static void startOrigin() {
    origin = new BadOrigin();
  }

  @AfterAll
  static void stopOrigin() {
    origin.close();
  }

  @BeforeEach
  void start() throws Exception {
    origin.behave(Habit.GOOD, 0, false);
    origin.gets.clear();
    origin.sent.set(0);
    origin.millis = 0;
    origin.pending = null;
    origin.serve(CONTENT, ONE, MODIFIED);
    shield = new ShieldFixture(base, origin.url(), Map.of());
  }

  @AfterEach
  void end() {
    shield.close();
  }

  @Test
  void manyReadersOfAColdFileCostItsOriginOneCopy() throws Exception {
    origin.millis = 500;
    List<CompletableFuture<byte[]>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Representation file = shield.serve();
      assertThat(file.validator().etag()).isEqualTo(ONE);
      assertThat(Reading.field(file.fields(), "Swarmgate-Metainfo")).contains("pending");
      assertThat(Reading.field(file.fields(), "Link")).isEmpty();
      all.add(CompletableFuture.supplyAsync(() -> read(file)));
    }
    assertThat(all).allSatisfy(body -> assertThat(body.join()).isEqualTo(CONTENT));

    assertThat(origin.sent).hasValue(CONTENT.length);
    assertThat(origin.gets).containsExactly("bytes=0-" + (CONTENT.length - 1));
  }

  @Test
  void itTellsWhetherWhatIsMissingComesAlready() throws Exception {
    ByteSpan all = new ByteSpan(0, CONTENT.length);
    ByteSpan tail = new ByteSpan(CONTENT.length - 1000, CONTENT.length);
    // Slow enough that the end of the file would take long in order.
    origin.millis = 20_000;
    try (Representation first = shield.serve();
        ContentReader reader = first.reader();
        Representation second = shield.serve();
        ContentReader last = second.reader()) {
      assertThat(Reading.span(reader, new ByteSpan(0, 10))).isEqualTo(Arrays.copyOf(CONTENT, 10));
      Cached cached = Objects.requireNonNull(second.cached());
      assertThat(cached.held(all)).isZero();
      assertThat(cached.comes(all)).isTrue();
      assertThat(cached.comes(tail)).isFalse();

      last.expect(tail);
      assertThat(last.poll(tail.start(), 10)).isNull();
      last.onReady(() -> {});
      await().until(() -> cached.comes(tail));
    }
  }

  @Test
  void whoIsFirstIsNotServedFromWhatAnotherBegan() {
    try (Representation first = shield.serve()) {
      Cached cached = Objects.requireNonNull(first.cached());
      assertThat(cached.comes(new ByteSpan(0, CONTENT.length))).isFalse();
    }
  }

  @Test
  void onceHashedItSeedsTheFileAndGivesItsMetainfo() throws Exception {
    assertThat(sources(shield.serve())).isEqualTo(new Sources(0, 0, CONTENT.length));
    await().until(shield::isHashed);

    Representation file = shield.serve();
    assertThat(file.validator().etag()).isEqualTo(ONE);
    assertThat(Reading.field(file.fields(), "Link"))
        .contains("<" + PATH + ".torrent>; rel=\"describedby\"; type=\"application/x-bittorrent\"");
    assertThat(Reading.field(file.fields(), "Swarmgate-Metainfo")).isEmpty();
    assertThat(sources(file)).isEqualTo(new Sources(CONTENT.length, 0, 0));
    Outcome.Serve given = (Outcome.Serve) shield.metainfo();
    Metainfo metainfo = new TestCodec().decode(Reading.all(given.representation()));
    assertThat(metainfo.infoHash())
        .isEqualTo(TestCodec.metainfo("a.iso", CONTENT, 256 << 10).infoHash());
    assertThat(shield.engine.torrents()).containsExactly(metainfo.infoHash());
    assertThat(origin.sent).hasValue(CONTENT.length);
  }

  @Test
  void aReaderGoesOnIntoTheSwarmThatTheFileHasBecome() throws Exception {
    try (Representation file = shield.serve();
        ContentReader reader = file.reader()) {
      assertThat(Reading.span(reader, new ByteSpan(0, 100))).isEqualTo(Arrays.copyOf(CONTENT, 100));
      await().until(shield::isHashed);
      assertThat(Reading.all(reader, CONTENT.length)).isEqualTo(CONTENT);
    }
    await().until(() -> shield.engine.awake().size() == 1);
  }

  @Test
  void metainfoIsGivenToWhoShowsTheToken() throws Exception {
    shield.close();
    Files.writeString(base.resolve("secret"), "xyzzy");
    shield = new ShieldFixture(base, origin.url(), Map.of("secret", "file:secret"));
    assertThat(read(shield.serve())).isEqualTo(CONTENT);
    await().until(shield::isHashed);

    assertThat(shield.metainfo()).isInstanceOf(Outcome.PassThrough.class);
    String token = MetainfoToken.of(Secret.of("xyzzy"), "files.test");
    assertThat(shield.open(TestRequest.get(PATH + ".torrent").with("Swarmgate-Token", token)))
        .isInstanceOf(Outcome.Serve.class);
  }

  @Test
  void whatIsWantedOutOfOrderIsFetchedAtOnceAndNothingTwice() throws Exception {
    // Slow enough that the end of the file would take long in order.
    origin.millis = 20_000;
    ByteSpan tail = new ByteSpan(CONTENT.length - 1000, CONTENT.length);
    try (Representation file = shield.serve();
        ContentReader first = file.reader();
        ContentReader last = file.reader()) {
      assertThat(Reading.span(first, new ByteSpan(0, 10))).isEqualTo(Arrays.copyOf(CONTENT, 10));
      origin.millis = 0;
      last.expect(tail);
      assertThat(Reading.span(last, tail))
          .isEqualTo(Arrays.copyOfRange(CONTENT, (int) tail.start(), CONTENT.length));
      assertThat(shield.isHashed()).isFalse();
    }
    int piece = (CONTENT.length / (256 << 10)) * (256 << 10);
    assertThat(origin.gets)
        .containsExactly(
            "bytes=0-" + (CONTENT.length - 1), "bytes=" + piece + "-" + (CONTENT.length - 1));
  }

  @Test
  void whatCameOutOfOrderIsHashedWhenThePassInOrderGetsThere() throws Exception {
    origin.millis = 300;
    try (Representation file = shield.serve();
        ContentReader reader = file.reader()) {
      ByteSpan middle = new ByteSpan(3_000_000, 3_100_000);
      reader.expect(middle);
      assertThat(Reading.span(reader, middle))
          .isEqualTo(Arrays.copyOfRange(CONTENT, 3_000_000, 3_100_000));
    }
    await().until(shield::isHashed);
    assertThat(read(shield.serve())).isEqualTo(CONTENT);
  }

  @Test
  void aHeadAloneFetchesNothing() {
    shield.serve(get().method("HEAD")).close();
    assertThat(origin.gets).isEmpty();
    assertThat(shield.store.used()).isZero();
  }

  @Test
  void withoutAStrongValidatorThereIsOneRequestForEverythingAndPartsAreTheOriginsOwn()
      throws Exception {
    origin.serve(CONTENT, "W/\"weak\"", MODIFIED);
    origin.millis = 500;
    Representation file = shield.serve();
    CompletableFuture<byte[]> body = CompletableFuture.supplyAsync(() -> read(file));
    await().until(() -> !origin.gets.isEmpty());

    Outcome far = shield.open(get().with("Range", "bytes=4000000-4000009"));
    assertThat(far).isInstanceOf(Outcome.PassThrough.class);
    assertThat(((Outcome.PassThrough) far).status()).isEqualTo(206);
    ((Outcome.PassThrough) far).body().close();
    shield.serve(get().with("Range", "bytes=0-")).close();

    assertThat(body.join()).isEqualTo(CONTENT);
    assertThat(origin.gets).containsExactly("all", "bytes=4000000-4000009");
    await().until(shield::isHashed);
    String sha256 = HexFormat.of().formatHex(TestCodec.digest("SHA-256").digest(CONTENT));
    assertThat(shield.serve().validator().etag()).isEqualTo('"' + sha256 + '"');
  }

  @Test
  void aFileThatChangesBeforeItIsFetchedEndsItsGeneration() throws Exception {
    origin.serve(CONTENT, null, MODIFIED);
    Representation file = shield.serve();
    origin.serve(OTHER, null, "Tue, 01 Jul 2025 10:00:01 GMT");
    assertThatThrownBy(() -> Reading.all(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Last-Modified");

    Outcome relayed = shield.open(get());
    assertThat(Reading.all(((Outcome.PassThrough) relayed).body())).isEqualTo(OTHER);
    shield.clock.advance(Duration.ofSeconds(2));
    assertThat(read(shield.serve())).isEqualTo(OTHER);
  }

  @Test
  void aFileThatChangesWhileItIsFetchedAbortsItsReadersAndNeverMixes() throws Exception {
    shield.close();
    shield = new ShieldFixture(base, origin.url(), Map.of(), slowToTryAgain());
    origin.behave(Habit.GOOD, 0, true);
    Representation file = shield.serve();
    try (file;
        ContentReader reader = file.reader()) {
      assertThat(Reading.span(reader, new ByteSpan(0, 1000)))
          .isEqualTo(Arrays.copyOf(CONTENT, 1000));
      origin.serve(OTHER, "\"two\"", MODIFIED);
      assertThatThrownBy(() -> Reading.all(reader, CONTENT.length))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("412");
    }
    shield.clock.advance(Duration.ofMinutes(2));
    assertThat(shield.open(get())).isNotNull();
    shield.clock.advance(Duration.ofSeconds(2));
    Representation next = shield.serve();
    assertThat(next.validator().etag()).isEqualTo("\"two\"");
    assertThat(read(next)).isEqualTo(OTHER);
  }

  @Test
  void aFileThatTheStoreHasNoRoomForIsRelayedAndAskedAboutOnce() throws Exception {
    shield.close();
    shield = new ShieldFixture(base, origin.url(), Map.of("storeMax", "4MiB"));
    for (int i = 0; i < 3; i++) {
      Outcome.PassThrough relayed = (Outcome.PassThrough) shield.open(get());
      assertThat(Reading.all(relayed.body())).isEqualTo(CONTENT);
    }
    assertThat(shield.store.used()).isZero();
    assertThat(origin.gets).containsOnly("all");
  }

  @Test
  void aNodeThatWillHaveMetainfoIsWaitedFor() throws Exception {
    origin.pending = "pending";
    assertThat(shield.open(get())).isInstanceOf(Outcome.PassThrough.class);
    assertThat(shield.store.used()).isZero();
  }

  @Test
  void aRestartInTheMiddleLeavesNothingBehindAndBeginsAgain() throws Exception {
    origin.millis = 20_000;
    try (Representation file = shield.serve();
        ContentReader reader = file.reader()) {
      assertThat(Reading.span(reader, new ByteSpan(0, 10))).isEqualTo(Arrays.copyOf(CONTENT, 10));
      shield.restart();
      assertThatThrownBy(() -> Reading.all(reader, CONTENT.length)).isInstanceOf(IOException.class);
    }
    assertThat(leftOvers()).isEmpty();
    origin.millis = 0;
    assertThat(read(shield.serve())).isEqualTo(CONTENT);
  }

  @Test
  void aRestartAfterItKeepsSeedingAndGivingMetainfo() throws Exception {
    assertThat(read(shield.serve())).isEqualTo(CONTENT);
    await().until(shield::isHashed);
    shield.restart();
    assertThat(shield.engine.torrents()).hasSize(1);
    Representation file = shield.serve();
    assertThat(Reading.field(file.fields(), "Link")).isPresent();
    assertThat(read(file)).isEqualTo(CONTENT);
    assertThat(shield.metainfo()).isInstanceOf(Outcome.Serve.class);
    assertThat(origin.sent).hasValue(CONTENT.length);
  }

  @Test
  void theNextOriginIsAskedWhereOneIsGoneAndTheSameStrongTagIsTheSameVersion() throws Exception {
    try (BadOrigin nearer = new BadOrigin()) {
      nearer.serve(CONTENT, ONE, MODIFIED);
      shield.close();
      shield = new ShieldFixture(base, nearer.url() + "," + origin.url(), Map.of());
      assertThat(read(shield.serve())).isEqualTo(CONTENT);
      await().until(shield::isHashed);
      assertThat(origin.gets).isEmpty();
    }
    shield.clock.advance(Duration.ofHours(2));
    Representation file = shield.serve();
    assertThat(Objects.requireNonNull(file.cached()).ttl()).isEqualTo(60);
    assertThat(read(file)).isEqualTo(CONTENT);
    assertThat(origin.gets).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Habit.class,
      names = {"SERVER_ERROR", "RESETS"})
  void anOriginThatNamesNoVersionIsAskedAgainAsLongAsNothingHasCome(Habit habit) {
    origin.serve(CONTENT, null, null);
    origin.behave(habit, 2, false);

    assertThat(read(shield.serve())).isEqualTo(CONTENT);
    assertThat(origin.gets).hasSize(3);
  }

  @Test
  void anotherOriginsValidatorSaysNothingOfAFileAsLong() throws Exception {
    try (BadOrigin nearer = new BadOrigin()) {
      nearer.serve(CONTENT, ONE, MODIFIED);
      origin.serve(CONTENT, "\"named otherwise\"", MODIFIED);
      shield.close();
      shield = new ShieldFixture(base, nearer.url() + "," + origin.url(), Map.of());
      assertThat(read(shield.serve())).isEqualTo(CONTENT);
      await().until(shield::isHashed);
    }
    // What is known stands in for the origin that is gone, and no longer than it may.
    shield.clock.advance(Duration.ofMinutes(30));
    assertThat(shield.serve().validator().etag()).isEqualTo(ONE);
    shield.clock.advance(Duration.ofHours(1));
    Representation other = shield.serve();
    assertThat(other.validator().etag()).isEqualTo("\"named otherwise\"");
    assertThat(read(other)).isEqualTo(CONTENT);
  }

  @Test
  void anOriginThatIsGoneForTooLongAbortsItsReaders() throws Exception {
    origin.behave(Habit.SERVER_ERROR, 1000, true);
    Representation file = shield.serve();
    assertThatThrownBy(() -> Reading.all(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("503");
    // What is mapped is counted until a garbage collection, before Java 22.
    await().until(() -> shield.store.used() == shield.store.lingering());
    assertThat(leftOvers()).isEmpty();
    assertThat(((Outcome.PassThrough) shield.open(get())).status()).isEqualTo(503);
  }

  @Test
  void anOriginThatAnswersNothingIsAGatewayTimeoutInTheEnd() throws Exception {
    shield.close();
    OriginTimeouts soon =
        new OriginTimeouts(
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            ShieldFixture.PATIENT.retry());
    origin.behave(Habit.HANGS, 1000, false);
    shield = new ShieldFixture(base, origin.url(), Map.of(), soon);
    assertThatThrownBy(() -> Reading.all(shield.serve())).isInstanceOf(StalledException.class);
  }

  private static OriginTimeouts slowToTryAgain() {
    OriginTimeouts as = ShieldFixture.PATIENT;
    return new OriginTimeouts(
        as.connect(),
        as.head(),
        as.stall(),
        as.whole(),
        new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1)));
  }

  private static byte[] read(Representation file) {
    try {
      return Reading.all(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Sources sources(Representation file) throws IOException {
    try (file;
        ContentReader reader = file.reader()) {
      assertThat(Reading.all(reader, file.length())).isEqualTo(CONTENT);
      return Objects.requireNonNull(reader.sources());
    }
  }

  private List<String> leftOvers() throws IOException {
    try (Stream<Path> files = Files.list(shield.config.store())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("incoming"))
          .toList();
    }
  }
}
