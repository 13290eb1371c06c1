package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.testing.TestCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The test's thread is the loop, and time is what the test says. */
class AnnouncerTest {
  private static final int PIECE = 16 << 10;
  private static final InetSocketAddress PEER = new InetSocketAddress("10.0.0.1", 6891);

  private final FakeTracker tracker = new FakeTracker();
  private final Time time = new Time();
  private final List<InetSocketAddress> found = new ArrayList<>();
  private final PeerId id = PeerId.random();
  private final Announcer announcer = announcer(tracker);
  private EventLoop loop;

  @BeforeEach
  void makeLoop() throws IOException {
    // Torrents want one; it is never started.
    loop = new EventLoop("unused");
  }

  @AfterEach
  void closeLoop() {
    loop.close();
  }

  private Announcer announcer(Tracker... trackers) {
    return new Announcer(
        Runnable::run,
        time::schedule,
        List.of(trackers),
        new Announcer.Self(id, "edge.test", 7000),
        (torrent, peers) -> found.addAll(peers),
        () -> time.now);
  }

  @Test
  void aTorrentThatSleepsIsAnnouncedWithoutAskingForPeers() {
    announcer.add(hash(1));

    Announce announce = tracker.next();
    assertThat(announce.infoHash()).isEqualTo(hash(1));
    assertThat(announce.peerId()).isEqualTo(id);
    assertThat(announce.host()).isEqualTo("edge.test");
    assertThat(announce.port()).isEqualTo(7000);
    assertThat(announce.event()).isEqualTo(Announce.Event.STARTED);
    assertThat(announce.want()).isZero();
    assertThat(announce.left()).isZero();
  }

  @Test
  void aTorrentThatMissesPiecesAsksForPeersAtOnceAndHandsThemOn() throws Exception {
    Torrent torrent = torrent(10 * PIECE + 1);
    announcer.add(torrent.metainfo().infoHash());
    tracker.next();
    tracker.answer(1800, 900);

    announcer.wanted(torrent);
    Announce announce = tracker.next();
    assertThat(announce.event()).isEqualTo(Announce.Event.NONE);
    assertThat(announce.want()).isEqualTo(50);
    assertThat(announce.left()).isEqualTo(10 * PIECE + 1);
    tracker.answer(1800, 900, PEER);
    assertThat(found).containsExactly(PEER);

    announcer.wanted(torrent);
    assertThat(tracker.asked).isEmpty();
  }

  @Test
  void aTorrentWithoutPeersAsksAgainAfterTheLeastInterval() throws Exception {
    Torrent torrent = torrent(PIECE);
    announcer.add(torrent.metainfo().infoHash());
    tracker.next();
    tracker.answer(1800, 120);
    announcer.wanted(torrent);
    tracker.next();
    tracker.answer(1800, 120);

    time.pass(Duration.ofSeconds(119));
    announcer.wanted(torrent);
    assertThat(tracker.asked).isEmpty();
    time.pass(Duration.ofSeconds(2));
    announcer.wanted(torrent);
    assertThat(tracker.next().want()).isEqualTo(50);
  }

  @Test
  void aTorrentThatSleptAsksForPeersAgainWhenItWakes() throws Exception {
    Torrent torrent = torrent(PIECE);
    announcer.add(torrent.metainfo().infoHash());
    tracker.next();
    tracker.answer(1800, 900);
    announcer.wanted(torrent);
    tracker.next();
    tracker.answer(1800, 900);

    announcer.asleep(torrent);
    announcer.wanted(torrent);
    assertThat(tracker.next().want()).isEqualTo(50);
  }

  @Test
  void theIntervalIsKept() {
    announcer.add(hash(1));
    tracker.next();
    tracker.answer(600, 300);

    time.pass(Duration.ofSeconds(599));
    assertThat(tracker.asked).isEmpty();
    time.pass(Duration.ofSeconds(62));
    assertThat(tracker.next().event()).isEqualTo(Announce.Event.NONE);
  }

  @Test
  void anIntervalOutOfBoundsIsBrought() {
    announcer.add(hash(1));
    tracker.next();
    tracker.answer(1, 1);
    time.pass(Duration.ofSeconds(29));
    assertThat(tracker.asked).isEmpty();
    time.pass(Duration.ofSeconds(5));
    tracker.next();

    tracker.answer(1_000_000, 900_000);
    time.pass(Duration.ofMinutes(59));
    assertThat(tracker.asked).isEmpty();
    time.pass(Duration.ofMinutes(8));
    tracker.next();
  }

  @Test
  void aTrackerThatFailsIsTriedByOneAnnounceAfterGrowingPauses() {
    for (int i = 0; i < 6; i++) {
      announcer.add(hash(i));
    }
    assertThat(tracker.asked).as("at the same time").hasSize(4);
    for (int i = 0; i < 4; i++) {
      tracker.next();
      tracker.fail(new IOException("down"));
    }
    assertThat(tracker.asked).isEmpty();

    time.pass(Duration.ofSeconds(29));
    assertThat(tracker.asked).isEmpty();
    time.pass(Duration.ofSeconds(5));
    assertThat(tracker.asked).hasSize(1);
    tracker.next();
    tracker.fail(new IOException("down"));

    time.pass(Duration.ofSeconds(59));
    assertThat(tracker.asked).isEmpty();
    time.pass(Duration.ofSeconds(8));
    assertThat(tracker.asked).hasSize(1);

    for (int i = 0; i < 6; i++) {
      assertThat(tracker.next().event()).isEqualTo(Announce.Event.STARTED);
      tracker.answer(1800, 900);
    }
    assertThat(tracker.asked).isEmpty();
  }

  @Test
  void theLongestPauseIsAnHour() {
    announcer.add(hash(1));
    for (int i = 0; i < 20; i++) {
      tracker.next();
      tracker.fail(new IOException("down"));
      time.pass(Duration.ofMinutes(67));
    }
    assertThat(tracker.asked).hasSize(1);
  }

  @Test
  void aTorrentThatIsRefusedDoesNotHoldUpTheOthers() {
    announcer.add(hash(1));
    tracker.next();
    tracker.fail(new TrackerRefusedException("not on the list"));

    announcer.add(hash(2));
    assertThat(tracker.next().infoHash()).isEqualTo(hash(2));
    tracker.answer(1800, 900);
    time.pass(Duration.ofSeconds(59));
    assertThat(tracker.asked).isEmpty();
    time.pass(Duration.ofSeconds(8));
    assertThat(tracker.next().infoHash()).isEqualTo(hash(1));

    tracker.fail(new TrackerRefusedException("not on the list"));
    time.pass(Duration.ofSeconds(119));
    assertThat(tracker.asked).isEmpty();
    time.pass(Duration.ofSeconds(15));
    assertThat(tracker.next().event()).isEqualTo(Announce.Event.STARTED);
    tracker.answer(600, 300);
    time.pass(Duration.ofSeconds(599));
    assertThat(tracker.asked).extracting(asked -> asked.announce.infoHash()).isEmpty();
  }

  @Test
  void aRefusedTorrentThatIsRemovedIsAskedForNoMore() {
    announcer.add(hash(1));
    tracker.next();
    tracker.fail(new TrackerRefusedException("not on the list"));
    announcer.remove(hash(1));
    time.pass(Duration.ofHours(3));
    assertThat(tracker.asked).isEmpty();
  }

  @Test
  void aTrackerIsToldWhenATorrentIsRemoved() {
    announcer.add(hash(1));
    tracker.next();
    tracker.answer(1800, 900);

    announcer.remove(hash(1));
    assertThat(tracker.next().event()).isEqualTo(Announce.Event.STOPPED);
    tracker.answer(1800, 900);
    time.pass(Duration.ofHours(3));
    assertThat(tracker.asked).isEmpty();
    assertThat(time.timers).isEmpty();
  }

  @Test
  void aTorrentRemovedWhileItIsAnnouncedIsStoppedAfterTheAnswer() {
    announcer.add(hash(1));
    announcer.remove(hash(1));
    assertThat(tracker.next().event()).isEqualTo(Announce.Event.STARTED);
    tracker.answer(1800, 900, PEER);
    assertThat(tracker.next().event()).isEqualTo(Announce.Event.STOPPED);
    assertThat(found).isEmpty();
  }

  @Test
  void aTrackerThatFailsIsNotToldOfRemovals() {
    announcer.add(hash(1));
    tracker.next();
    tracker.fail(new IOException("down"));
    announcer.remove(hash(1));
    time.pass(Duration.ofHours(3));
    assertThat(tracker.asked).isEmpty();
  }

  @Test
  void closingTellsAboutAllAndCompletesOnceTheyAnswered() {
    for (int i = 0; i < 6; i++) {
      announcer.add(hash(i));
      tracker.next();
      tracker.answer(1800, 900);
    }
    CompletableFuture<Void> closed = announcer.close().toCompletableFuture();
    for (int i = 0; i < 6; i++) {
      assertThat(closed).isNotDone();
      assertThat(tracker.next().event()).isEqualTo(Announce.Event.STOPPED);
      tracker.answer(1800, 900);
    }
    assertThat(closed).isCompleted();
    announcer.add(hash(7));
    time.pass(Duration.ofHours(3));
    assertThat(tracker.asked).isEmpty();
  }

  @Test
  void closingGivesUpOnATrackerThatFails() {
    for (int i = 0; i < 6; i++) {
      announcer.add(hash(i));
      tracker.next();
      tracker.answer(1800, 900);
    }
    CompletableFuture<Void> closed = announcer.close().toCompletableFuture();
    for (int i = 0; i < 4; i++) {
      tracker.next();
      tracker.fail(new IOException("down"));
    }
    assertThat(closed).isCompleted();
  }

  @Test
  void aTrackerClientThatThrowsCountsAsFailing() {
    Announcer broken =
        announcer(
            announce -> {
              throw new IllegalStateException("broken");
            });
    broken.add(hash(1));
    assertThat(time.timers).hasSize(1);
  }

  @Test
  void everyTrackerIsToldWhateverBecomesOfTheOthers() {
    FakeTracker second = new FakeTracker();
    Announcer both = announcer(tracker, second);
    both.add(hash(1));
    tracker.next();
    tracker.fail(new IOException("down"));
    second.next();
    second.answer(60, 60);
    time.pass(Duration.ofSeconds(66));
    assertThat(second.asked).hasSize(1);
  }

  private Torrent torrent(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    Metainfo metainfo = TestCodec.metainfo("content.bin", content, PIECE);
    TorrentHost host = new QuietHost();
    return new Torrent(
        loop,
        new MemoryStore(metainfo),
        host,
        new PieceBuffers(1 << 20),
        Runnable::run,
        Runnable::run,
        id);
  }

  private static InfoHash hash(int number) {
    byte[] bytes = new byte[InfoHash.LENGTH];
    bytes[0] = (byte) number;
    return InfoHash.of(bytes);
  }

  /** Answers when it is told to, the announces in their order. */
  private static final class FakeTracker implements Tracker {
    private record Asked(Announce announce, CompletableFuture<Announced> answer) {}

    private final List<Asked> asked = new ArrayList<>();
    private CompletableFuture<Announced> unanswered = new CompletableFuture<>();

    @Override
    public CompletionStage<Announced> announce(Announce announce) {
      CompletableFuture<Announced> answer = new CompletableFuture<>();
      asked.add(new Asked(announce, answer));
      return answer;
    }

    Announce next() {
      assertThat(asked).isNotEmpty();
      Asked first = asked.remove(0);
      unanswered = first.answer;
      return first.announce;
    }

    void answer(int interval, int minInterval, InetSocketAddress... peers) {
      unanswered.complete(
          new Announced(
              List.of(peers), Duration.ofSeconds(interval), Duration.ofSeconds(minInterval)));
    }

    void fail(Exception cause) {
      unanswered.completeExceptionally(cause);
    }

    @Override
    public String toString() {
      return "fake";
    }
  }

  private static final class Time {
    private record Timer(long due, Runnable task) implements Comparable<Timer> {
      @Override
      public int compareTo(Timer other) {
        return Long.compare(due, other.due);
      }
    }

    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private long now = 1;

    Runnable schedule(long millis, Runnable task) {
      Timer timer = new Timer(now + TimeUnit.MILLISECONDS.toNanos(millis), task);
      timers.add(timer);
      return () -> timers.remove(timer);
    }

    void pass(Duration duration) {
      long end = now + duration.toNanos();
      for (Timer next = timers.peek(); next != null && next.due <= end; next = timers.peek()) {
        now = next.due;
        timers.remove();
        next.task.run();
      }
      now = end;
    }
  }
}
