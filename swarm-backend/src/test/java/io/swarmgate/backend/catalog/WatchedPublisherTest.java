package io.swarmgate.backend.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.metainfo.HashedFile;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoMaker;
import io.swarmgate.backend.site.SiteRouter;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.status.FileStatus;
import io.swarmgate.backend.system.FileGuard;
import io.swarmgate.backend.testing.CapturedLog;
import io.swarmgate.backend.testing.MemoryEngine;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestClock;
import io.swarmgate.backend.testing.TestCodec;
import io.swarmgate.backend.testing.TestRequest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A publisher that is told of changes by the file system, of real directories. */
class WatchedPublisherTest {
  private static final int SIZE = 2000;
  private static final int PLENTY = 100_000;

  /** Never comes in a test's time: what is found was told by the file system. */
  private static final Rescan NEVER = new Rescan(Duration.ofHours(1), Duration.ofHours(1));

  private final Path base;
  private final TestClock clock = new TestClock();
  private final MemoryEngine engine = new MemoryEngine.Net().engine();
  private final Torrents torrents = new Torrents(engine);
  private final ExecutorService disk = Executors.newFixedThreadPool(2);
  private final List<String> hashed = new CopyOnWriteArrayList<>();

  /** What a hasher needs to go on. */
  private final Semaphore mayHash = new Semaphore(PLENTY);

  private HashJob.Hasher hasher = this::hash;

  private final Path content;
  private final SwarmBackendConfig config;
  private Publishers publishers;
  private Source publisher;

  WatchedPublisherTest(@TempDir Path base) throws Exception {
    this.base = base;
    content = Files.createDirectories(base.resolve("www/d"));
    config =
        SwarmBackendConfig.parse(
            Map.of("patterns", "/d/*", "content", "www", "minSize", "1000"), base);
    publishers = new Publishers(config, torrents, disk, setup(NEVER, WatchedDirectories::open));
    publisher = publishers.publisher(config.sites().get(0), base.resolve("www"));
  }

  @AfterEach
  void end() {
    mayHash.release(PLENTY);
    publisher.close();
    publishers.close();
    torrents.close();
    disk.shutdownNow();
  }

  @Test
  void newChangedRenamedAndDeletedFilesAreNoticed() throws Exception {
    start();
    write("a");
    await().until(() -> names().equals(Set.of("/d/a")));
    long before = length("/d/a");

    Files.write(content.resolve("a"), new byte[SIZE], StandardOpenOption.APPEND);
    await().until(() -> length("/d/a") == before + SIZE);

    Files.move(content.resolve("a"), content.resolve("b"));
    await().until(() -> names().equals(Set.of("/d/b")));

    Files.delete(content.resolve("b"));
    await().until(() -> names().isEmpty());
  }

  @Test
  void nestedDirectoriesAreNoticedHoweverTheyCome() throws Exception {
    write("x/y/there");
    start();
    await().until(() -> names().equals(Set.of("/d/x/y/there")));

    // Made one after the other, before anybody could have begun to watch the first.
    write("p/q/r/new");
    await().until(() -> names().contains("/d/p/q/r/new"));
    write("p/q/r/later");
    await().until(() -> names().contains("/d/p/q/r/later"));

    Files.move(content.resolve("p/q"), content.resolve("x/moved"));
    await()
        .until(
            () -> names().equals(Set.of("/d/x/y/there", "/d/x/moved/r/new", "/d/x/moved/r/later")));
    // The directory is watched by its new name.
    write("x/moved/r/last");
    await().until(() -> names().contains("/d/x/moved/r/last"));
    assertThat(names()).noneMatch(name -> name.startsWith("/d/p/"));

    Path outside = Files.createDirectories(base.resolve("outside"));
    Files.move(content.resolve("x"), outside.resolve("x"));
    await().until(() -> names().isEmpty());
    Files.write(outside.resolve("x/moved/r/beyond"), new byte[SIZE]);
    write("end");
    await().until(() -> names().equals(Set.of("/d/end")));
  }

  @Test
  void thousandsOfFilesAtOnceAreAllPublished() throws Exception {
    start();
    int count = 1200;
    for (int i = 0; i < count; i++) {
      write("many/" + i);
    }

    // More than the file system keeps events of.
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              clock.advance(Duration.ofSeconds(3));
              return publisher.files().stream().filter(f -> f.infoHash() != null).count() == count;
            });
    assertThat(hashed).hasSize(count).doesNotHaveDuplicates();
    assertThat(publisher.files()).allMatch(file -> file.hashed() == file.length());
  }

  @Test
  void aGrowingFileIsHashedOnceItIsQuiet() throws Exception {
    start();
    write("a");
    await().until(() -> names().equals(Set.of("/d/a")));
    for (int i = 2; i < 5; i++) {
      long length = (long) i * SIZE;
      Files.write(content.resolve("a"), new byte[SIZE], StandardOpenOption.APPEND);
      await().until(() -> length("/d/a") == length);
    }
    assertThat(hashed).isEmpty();

    clock.advance(Duration.ofSeconds(3));
    await().until(() -> engine.torrents().size() == 1);
    assertThat(hashed).hasSize(1);
    assertThat(publisher.files().get(0).hashed()).isEqualTo(4 * SIZE);
  }

  @Test
  void aFileThatGrowsWhileItIsHashedIsHashedAgain() throws Exception {
    mayHash.drainPermits();
    write("a");
    clock.advance(Duration.ofSeconds(3));
    start();
    await().until(() -> hashed.size() == 1);

    Files.write(content.resolve("a"), new byte[SIZE], StandardOpenOption.APPEND);
    await().until(() -> length("/d/a") == 2 * SIZE);
    mayHash.release(10);
    clock.advance(Duration.ofSeconds(3));

    await().until(() -> engine.torrents().size() == 1);
    assertThat(hashed).hasSize(2);
    assertThat(publisher.files().get(0).hashed()).isEqualTo(2 * SIZE);
  }

  @Test
  void requestsLetAFileBeHashedBeforeOthers() throws Exception {
    mayHash.drainPermits();
    int crew = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    for (int i = 0; i < crew + 5; i++) {
      write("f" + i);
    }
    clock.advance(Duration.ofSeconds(3));
    start();
    await().until(() -> names().size() == crew + 5 && hashed.size() == crew);
    List<String> waiting =
        names().stream().filter(name -> !hashed.contains(name)).sorted().toList();
    String often = waiting.get(3);
    String once = waiting.get(4);

    open(once);
    open(often);
    open(often);
    mayHash.release(1);
    await().until(() -> hashed.size() == crew + 1);
    mayHash.release(1);
    await().until(() -> hashed.size() == crew + 2);

    assertThat(hashed.subList(crew, crew + 2)).containsExactly(often, once);
  }

  @Test
  void aRestartGoesOnWithAHalfHashedFile() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(content.resolve("a").toFile(), "rw")) {
      sparse.setLength(100L << 20);
    }
    clock.advance(Duration.ofSeconds(3));
    CountDownLatch reached = new CountDownLatch(1);
    hasher = (file, progress) -> MetainfoMaker.hash(file, new Slow(progress, 80L << 20, reached));
    start();
    assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(publisher.files().get(0).hashed()).isEqualTo(80L << 20);
    publisher.close();
    publishers.close();
    assertThat(engine.torrents()).isEmpty();

    List<Integer> known = new CopyOnWriteArrayList<>();
    hasher =
        (file, progress) -> {
          known.add(progress.known(FileGuard.of(file)).length / Metainfo.HASH_LENGTH);
          return MetainfoMaker.hash(file, progress);
        };
    start();
    await().until(() -> engine.torrents().size() == 1);
    assertThat(known).containsExactly((80 << 20) / (256 << 10));
    assertThat(config.store().resolve("published").toFile().list()).hasSize(1);
  }

  /** Hashing that comes so far, and no further until it is given up. */
  private record Slow(MetainfoMaker.Progress to, long end, CountDownLatch reached)
      implements MetainfoMaker.Progress {
    @Override
    public boolean hashed(long hashed, long length) {
      boolean wanted = to.hashed(hashed, length);
      if (hashed >= end) {
        reached.countDown();
        while (wanted) {
          Thread.onSpinWait();
          wanted = to.hashed(hashed, length);
        }
      }
      return wanted;
    }

    @Override
    public byte[] known(FileGuard guard) {
      return to.known(guard);
    }

    @Override
    public void keep(FileGuard guard, byte[] hashes) {
      to.keep(guard, hashes);
    }
  }

  @Test
  void whatCanNotBeWatchedIsLookedThroughAndLoggedOnce() throws Exception {
    try (CapturedLog log = new CapturedLog(getClass())) {
      Rescan often = new Rescan(Duration.ofHours(1), Duration.ofMillis(50));
      start(often, root -> new Limited(WatchedDirectories.open(root), 3));
      for (int i = 0; i < 5; i++) {
        String name = "dir" + i + "/sub/file";
        write(name);
        await().until(() -> names().contains("/d/" + name));
      }
      Files.delete(content.resolve("dir4/sub/file"));
      await().until(() -> names().size() == 4);
      assertThat(log.warnings())
          .singleElement()
          .asString()
          .contains("can't be watched")
          .contains("limit");
    }
  }

  @Test
  void aFileSystemThatTellsNothingIsLookedThrough() throws Exception {
    Rescan often = new Rescan(Duration.ofHours(1), Duration.ofMillis(50));
    start(
        often,
        root -> {
          throw new UnsupportedOperationException("tells nothing");
        });
    write("late");
    await().until(() -> names().equals(Set.of("/d/late")));
  }

  /** A system that has only so many watches. */
  private record Limited(WatchedDirectories.Watching all, Semaphore left)
      implements WatchedDirectories.Watching {
    Limited(WatchedDirectories.Watching all, int limit) {
      this(all, new Semaphore(limit));
    }

    @Override
    public WatchKey register(Path directory) throws IOException {
      if (!left.tryAcquire()) {
        throw new IOException("User limit of inotify watches reached");
      }
      return all.register(directory);
    }

    @Override
    public WatchKey take() throws InterruptedException {
      return all.take();
    }

    @Override
    public void close() throws IOException {
      all.close();
    }
  }

  private void start() throws Exception {
    start(NEVER, WatchedDirectories::open);
  }

  /** Waits until the directories there are watched. */
  private void start(Rescan rescan, WatchedDirectories.Watching.Opener watching) throws Exception {
    publisher.close();
    publishers.close();
    CountDownLatch watched = new CountDownLatch(1);
    publishers =
        new Publishers(
            config,
            torrents,
            disk,
            setup(
                rescan,
                root -> new Signalling(watching.open(root), content.toRealPath(), watched)));
    publisher = publishers.publisher(config.sites().get(0), base.resolve("www"));
    publisher.start();
    if (rescan == NEVER) {
      assertThat(watched.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private PublisherSetup setup(Rescan rescan, WatchedDirectories.Watching.Opener watching) {
    return new PublisherSetup(
        clock,
        rescan,
        watching,
        new Settling(Duration.ofSeconds(2)),
        true,
        (file, progress) -> hasher.hash(file, progress),
        new TestCodec(),
        config.secret());
  }

  private HashedFile hash(Path file, MetainfoMaker.Progress progress) throws IOException {
    hashed.add("/" + base.resolve("www").toRealPath().relativize(file));
    mayHash.acquireUninterruptibly();
    return MetainfoMaker.hash(file, progress);
  }

  /** Says when a directory is watched. */
  private record Signalling(WatchedDirectories.Watching all, Path directory, CountDownLatch watched)
      implements WatchedDirectories.Watching {
    @Override
    public WatchKey register(Path asked) throws IOException {
      WatchKey key = all.register(asked);
      if (asked.equals(directory)) {
        watched.countDown();
      }
      return key;
    }

    @Override
    public WatchKey take() throws InterruptedException {
      return all.take();
    }

    @Override
    public void close() throws IOException {
      all.close();
    }
  }

  private void write(String name) {
    try {
      Path file = content.resolve(name);
      Files.createDirectories(file.getParent());
      byte[] bytes = new byte[SIZE];
      System.arraycopy(name.getBytes(java.nio.charset.StandardCharsets.UTF_8), 0, bytes, 0, 1);
      bytes[1] = (byte) name.hashCode();
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Set<String> names() {
    return new TreeSet<>(publisher.files().stream().map(FileStatus::path).toList());
  }

  private long length(String path) {
    return publisher.files().stream()
        .filter(file -> file.path().equals(path))
        .mapToLong(FileStatus::length)
        .sum();
  }

  private Outcome open(String path) {
    return Reading.await(
        publisher.open(new SiteRouter(config.sites()).route(TestRequest.get(path)).orElseThrow()));
  }
}
