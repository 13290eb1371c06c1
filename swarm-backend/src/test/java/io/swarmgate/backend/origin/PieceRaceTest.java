package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.Swarm;
import io.swarmgate.backend.testing.BadOrigin;
import io.swarmgate.backend.testing.BadOrigin.Habit;
import io.swarmgate.backend.testing.TestClock;
import io.swarmgate.backend.testing.TestCodec;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An origin raced for single pieces. */
class PieceRaceTest {
  private static final int PIECE = 64 << 10;
  private static final byte[] CONTENT = new byte[20 * PIECE - 100];

  private static BadOrigin origin;

  private final TestClock clock = new TestClock();
  private final Metainfo metainfo = TestCodec.metainfo("a.iso", CONTENT, PIECE);
  private final Pieces swarm = new Pieces();
  private final PieceBudget budget = new PieceBudget(PIECE);
  private final AtomicBoolean peers = new AtomicBoolean(true);
  private final AtomicInteger changed = new AtomicInteger();
  private final AtomicLong fetched = new AtomicLong();
  private PieceFetcher fetcher;

  /** A swarm that keeps what it is offered, if it is right. */
  private final class Pieces implements Swarm {
    private final Map<Integer, byte[]> here = new ConcurrentHashMap<>();

    @Override
    public Metainfo metainfo() {
      return metainfo;
    }

    @Override
    public ContentReader reader(ReadPolicy policy) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void fill(boolean everything) {}

    @Override
    public CompletionStage<Boolean> offer(int piece, ByteBuffer data) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      boolean right = metainfo.matches(piece, TestCodec.digest("SHA-1").digest(bytes));
      if (right) {
        here.put(piece, bytes);
      }
      return CompletableFuture.completedStage(right);
    }
  }

  @BeforeAll
  static void startOrigin() {
    new Random(11).nextBytes(CONTENT);
    origin = new BadOrigin();
  }

  @AfterAll
  static void stopOrigin() {
    origin.close();
  }

  @BeforeEach
  void start() {
    origin.behave(Habit.GOOD, 0, false);
    origin.gets.clear();
    origin.serve(CONTENT, "\"one\"", null);
    fetcher = fetcher(ShieldFixture.PATIENT, List.of(origin.url()));
  }

  private PieceFetcher fetcher(OriginTimeouts timeouts, List<String> urls) {
    List<Origin> origins = new ArrayList<>();
    urls.forEach(url -> origins.add(new Origin(URI.create(url), clock)));
    OriginClient client =
        new OriginClient(
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(),
            origins,
            new Redirects(Set.of()),
            Secret.NONE,
            timeouts,
            "1.1 test");
    return new PieceFetcher(
        client,
        new Target("/d/a.iso"),
        metainfo.layout(),
        "\"one\"",
        urls.get(0),
        budget,
        peers::get,
        fetched::addAndGet,
        changed::incrementAndGet,
        ForkJoinPool.commonPool(),
        clock);
  }

  private void fetch(int piece) {
    fetcher.over(swarm, List.of()).fetch(piece);
  }

  private byte[] piece(int piece) {
    return Arrays.copyOfRange(
        CONTENT, piece * PIECE, Math.min(CONTENT.length, (piece + 1) * PIECE));
  }

  @ParameterizedTest
  @EnumSource(
      value = Habit.class,
      names = {"GOOD", "TRUNCATED", "SERVER_ERROR", "HANGS", "RESETS", "REDIRECT_SAME_HOST"})
  void whatPassesIsTriedAgainUntilTheRightPieceIsHere(Habit habit) {
    if (habit == Habit.HANGS) {
      fetcher = fetcher(ShieldFixture.HASTY, List.of(origin.url()));
    }
    origin.behave(habit, 1, false);
    fetch(19);
    await().untilAsserted(() -> assertThat(swarm.here.get(19)).isEqualTo(piece(19)));
    assertThat(fetcher.hasBrought(19)).isTrue();
    assertThat(changed).hasValue(0);
    assertThat(fetched).hasValue(piece(19).length);
  }

  @ParameterizedTest
  @EnumSource(
      value = Habit.class,
      names = {
        "IGNORES_RANGE",
        "WRONG_CONTENT_RANGE",
        "OTHER_LENGTH",
        "CODED",
        "REDIRECT_ELSEWHERE"
      })
  void whatDoesNotPassIsNotTriedAgainAndTheOriginIsSuspected(Habit habit) {
    origin.behave(habit, 1000, false);
    fetch(3);
    await().until(() -> changed.get() == 1);
    assertThat(swarm.here).isEmpty();
    assertThat(origin.gets).hasSize(1);
  }

  @Test
  void otherBytesUnderTheSameTagAreNotThePiece() {
    byte[] other = CONTENT.clone();
    other[3 * PIECE]++;
    origin.serve(other, "\"one\"", null);
    fetch(3);
    await().until(() -> changed.get() == 1);
    assertThat(swarm.here).isEmpty();
    assertThat(fetcher.hasBrought(3)).isFalse();
  }

  @Test
  void theNextOriginsAnswerCountsByItsHashWhateverItsTag() throws Exception {
    try (BadOrigin mirror = new BadOrigin()) {
      mirror.serve(CONTENT, "\"named otherwise\"", null);
      origin.serve(new byte[CONTENT.length + 1], "\"two\"", null);
      fetcher = fetcher(ShieldFixture.PATIENT, List.of(origin.url(), mirror.url()));
      fetch(5);
      await().untilAsserted(() -> assertThat(swarm.here.get(5)).isEqualTo(piece(5)));
      assertThat(changed).hasValue(1);
    }
  }

  @Test
  void onePieceIsFetchedOnceHoweverManyAskForIt() {
    origin.behave(Habit.SERVER_ERROR, 1, false);
    for (int i = 0; i < 20; i++) {
      fetch(1);
    }
    await().until(() -> swarm.here.containsKey(1));
    assertThat(origin.gets).hasSize(2);
  }

  @Test
  void thePeersThatAreFirstCancelTheOrigin() {
    origin.behave(Habit.HANGS, 1000, false);
    fetch(2);
    await().until(() -> !origin.gets.isEmpty());
    fetcher.over(swarm, List.of()).arrived(2);
    // Given up at once, it may be fetched anew; one that went on would still hold its place.
    origin.behave(Habit.GOOD, 0, false);
    await()
        .until(
            () -> {
              boolean again = origin.gets.size() > 1;
              if (!again) {
                fetch(2);
              }
              return again;
            });
    await().until(() -> swarm.here.containsKey(2));
    assertThat(fetched).hasValue(PIECE);
  }

  @Test
  void slownessIsWorthTwoPiecesAndNoPeersAreWorthAny() {
    for (int piece = 0; piece < 5; piece++) {
      fetch(piece);
    }
    await().until(() -> swarm.here.size() == 2);
    fetch(5);
    assertThat(origin.gets).hasSize(2);

    budget.delivered(50L * PIECE);
    fetch(6);
    await().until(() -> swarm.here.size() == 3);
    fetch(7);
    assertThat(origin.gets).hasSize(3);

    peers.set(false);
    for (int piece = 7; piece < 12; piece++) {
      fetch(piece);
    }
    await().until(() -> swarm.here.size() == 8);
  }

  @Test
  void aSwarmThatIsAlwaysLateIsSlow() {
    assertThat(fetcher.isSwarmSlow()).isFalse();
    for (int piece = 0; piece < 10; piece++) {
      fetch(piece);
    }
    await().until(() -> fetcher.isSwarmSlow());
  }

  @Test
  void aFailedRaceCostsNoBudget() {
    origin.behave(Habit.CODED, 4, false);
    await()
        .until(
            () -> {
              fetch(0);
              return swarm.here.containsKey(0);
            });
  }
}
