package io.swarmgate.backend.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.MetainfoMaker;
import io.swarmgate.backend.site.MetainfoContent;
import io.swarmgate.backend.site.MetainfoToken;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.SiteRouter;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.testing.MemoryEngine;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestClock;
import io.swarmgate.backend.testing.TestCodec;
import io.swarmgate.backend.testing.TestRequest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherTest {
  private static final byte[] FIRST = bytes(1, 300_000);
  private static final byte[] SECOND = bytes(2, 300_000);

  @TempDir Path base;

  private final TestClock clock = new TestClock();
  private final AtomicInteger hashed = new AtomicInteger();
  private final MemoryEngine engine = new MemoryEngine.Net().engine();
  private final Torrents torrents = new Torrents(engine);
  private final ExecutorService disk = Executors.newFixedThreadPool(2);
  private final Map<String, String> values = new HashMap<>();
  private Path content;
  private SwarmBackendConfig config;
  private Source publisher;

  @BeforeEach
  void makeDocumentRoot() throws Exception {
    content = base.resolve("www");
    Files.createDirectories(content.resolve("d"));
    values.putAll(Map.of("patterns", "/d/*", "content", "www", "minSize", "1000"));
    config = SwarmBackendConfig.parse(values, base);
    publisher = publisher(torrents);
  }

  @AfterEach
  void end() {
    publisher.close();
    torrents.close();
    disk.shutdownNow();
  }

  @Test
  void aHashedFileHasAStrongValidatorALinkAndADigest() throws Exception {
    put("a b.iso", FIRST);
    clock.advance(Duration.ofSeconds(3));
    start();

    Representation file = awaitHashed("/d/a%20b.iso");

    String sha256 = HexFormat.of().formatHex(TestCodec.digest("SHA-256").digest(FIRST));
    assertThat(file.validator().etag()).isEqualTo('"' + sha256 + '"');
    assertThat(file.validator().lastModified()).isNotNull();
    assertThat(Reading.field(file.fields(), "Link"))
        .contains("</d/a%20b.iso.torrent>; rel=\"describedby\"; type=\"application/x-bittorrent\"");
    assertThat(Reading.field(file.fields(), "Repr-Digest").orElseThrow())
        .matches("sha-256=:[A-Za-z0-9+/]{43}=:");
    assertThat(Reading.all(file)).isEqualTo(FIRST);
    assertThat(engine.torrents()).hasSize(1);
  }

  @Test
  void aFileThatIsStillGrowingIsServedWithoutAnEntityTagAndNotHashed() throws Exception {
    put("a.iso", FIRST);
    start();

    Representation file = serve("/d/a.iso");

    assertThat(file.validator().etag()).isNull();
    assertThat(file.validator().lastModified()).isNotNull();
    assertThat(file.fields()).containsExactly(MetainfoContent.PENDING);
    assertThat(Reading.all(file)).isEqualTo(FIRST);
    assertThat(hashed).hasValue(0);
    assertThat(open("/d/a.iso.torrent")).isInstanceOf(Outcome.Next.class);

    clock.advance(Duration.ofSeconds(3));
    awaitHashed("/d/a.iso").close();
    assertThat(hashed).hasValue(1);
  }

  @Test
  void aReplacedFileLeavesItsSwarmBeforeTheNewOneIsServed() throws Exception {
    put("a.iso", FIRST);
    clock.advance(Duration.ofSeconds(3));
    start();
    Representation old = awaitHashed("/d/a.iso");
    InfoHash before = engine.torrents().iterator().next();

    put("a.iso", SECOND);
    Representation now = serve("/d/a.iso");

    assertThat(engine.removed).containsExactly(before);
    assertThat(Reading.all(now)).isEqualTo(SECOND);
    try (ContentReader running = old.reader()) {
      assertThatThrownBy(() -> running.poll(0, 1)).isInstanceOf(IOException.class);
    }
    clock.advance(Duration.ofSeconds(3));
    assertThat(awaitHashed("/d/a.iso").validator().etag()).isNotEqualTo(old.validator().etag());
    assertThat(engine.torrents()).hasSize(1).doesNotContain(before);
  }

  @Test
  void aHashedFileThatIsAsItWasIsServedWithoutWaitingForAnotherThread() throws Exception {
    put("a.iso", FIRST);
    clock.advance(Duration.ofSeconds(3));
    start();
    awaitHashed("/d/a.iso").close();

    SiteRequest routed =
        new SiteRouter(config.sites()).route(TestRequest.get("/d/a.iso")).orElseThrow();
    var serving = publisher.open(routed).toCompletableFuture();

    assertThat(serving.isDone()).isTrue();
    assertThat(Reading.all(((Outcome.Serve) serving.join()).representation())).isEqualTo(FIRST);
  }

  @Test
  void aLinkThatNowLeadsElsewhereIsFollowedAtOnce() throws Exception {
    put("one", FIRST);
    put("two", SECOND);
    Path link = content.resolve("d").resolve("a.iso");
    Files.createSymbolicLink(link, Path.of("one"));
    clock.advance(Duration.ofSeconds(3));
    start();
    awaitHashed("/d/a.iso").close();

    Path half = Files.createSymbolicLink(base.resolve("half"), Path.of("two"));
    Files.move(half, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

    assertThat(Reading.all(serve("/d/a.iso"))).isEqualTo(SECOND);
  }

  @Test
  void aDeletedFileLeavesItsSwarmWithTheNextRequest() throws Exception {
    put("a.iso", FIRST);
    clock.advance(Duration.ofSeconds(3));
    start();
    awaitHashed("/d/a.iso").close();

    Files.delete(content.resolve("d/a.iso"));

    assertThat(open("/d/a.iso")).isInstanceOf(Outcome.Next.class);
    assertThat(engine.torrents()).isEmpty();
    assertThat(publisher.files()).isEmpty();
  }

  @Test
  void aFileThatAppearsLaterIsFoundByItself() throws Exception {
    start();
    put("late.iso", FIRST);
    clock.advance(Duration.ofSeconds(3));

    await().until(() -> engine.torrents().size() == 1);
  }

  @Test
  void aRestartDoesNotHashAgain() throws Exception {
    put("a.iso", FIRST);
    clock.advance(Duration.ofSeconds(3));
    start();
    String etag = awaitHashed("/d/a.iso").validator().etag();
    publisher.close();

    MemoryEngine second = new MemoryEngine.Net().engine();
    try (Torrents others = new Torrents(second)) {
      publisher = publisher(others);
      publisher.start();
      assertThat(serve("/d/a.iso").validator().etag()).isEqualTo(etag);
      assertThat(second.torrents()).isEqualTo(engine.torrents());
      publisher.close();
    }
    assertThat(hashed).hasValue(1);
  }

  @Test
  void lostMetainfoIsMadeAnew() throws Exception {
    put("a.iso", FIRST);
    clock.advance(Duration.ofSeconds(3));
    start();
    String etag = awaitHashed("/d/a.iso").validator().etag();
    try (DirectoryStream<Path> kept =
        Files.newDirectoryStream(config.store().resolve("published"))) {
      for (Path file : kept) {
        Files.delete(file);
      }
    }

    assertThat(open("/d/a.iso.torrent")).isInstanceOf(Outcome.Next.class);
    await().until(() -> open("/d/a.iso.torrent") instanceof Outcome.Serve);
    assertThat(serve("/d/a.iso").validator().etag()).isEqualTo(etag);
    assertThat(hashed).hasValue(2);
    assertThat(engine.torrents()).hasSize(1);
  }

  @Test
  void twoPathsToOneTorrentShareItUntilTheLastIsGone() throws Exception {
    put("x/same.iso", FIRST);
    put("y/same.iso", FIRST);
    clock.advance(Duration.ofSeconds(3));
    start();
    awaitHashed("/d/x/same.iso").close();
    awaitHashed("/d/y/same.iso").close();
    assertThat(engine.torrents()).hasSize(1);

    Files.delete(content.resolve("d/x/same.iso"));
    assertThat(open("/d/x/same.iso")).isInstanceOf(Outcome.Next.class);
    assertThat(engine.torrents()).hasSize(1);
    Files.delete(content.resolve("d/y/same.iso"));
    assertThat(open("/d/y/same.iso")).isInstanceOf(Outcome.Next.class);
    assertThat(engine.torrents()).isEmpty();
  }

  @Test
  void whatIsSmallHiddenLinkedOutOrMissingGoesOn() throws Exception {
    put("small.iso", bytes(3, 999));
    put("big.iso", FIRST);
    Files.write(base.resolve("outside.iso"), FIRST);
    Files.createSymbolicLink(content.resolve("d/out.iso"), base.resolve("outside.iso"));
    Files.createSymbolicLink(content.resolve("d/in.iso"), content.resolve("d/big.iso"));
    start();

    for (String path : new String[] {"/d/small.iso", "/d/out.iso", "/d/none.iso", "/d/BIG.iso"}) {
      assertThat(open(path)).as(path).isInstanceOf(Outcome.Next.class);
    }
    assertThat(Reading.all(serve("/d/in.iso"))).isEqualTo(FIRST);
  }

  @Test
  void metainfoIsGivenToLoopbackWhereThereIsNoSecret() throws Exception {
    put("a.iso", FIRST);
    clock.advance(Duration.ofSeconds(3));
    start();
    awaitHashed("/d/a.iso").close();

    Representation metainfo = serve("/d/a.iso.torrent");

    assertThat(metainfo.contentType()).isEqualTo("application/x-bittorrent");
    assertThat(Reading.field(metainfo.fields(), "X-Robots-Tag")).contains("noindex");
    assertThat(Reading.field(metainfo.fields(), "Cache-Control")).contains("no-cache");
    assertThat(new TestCodec().decode(Reading.all(metainfo)).infoHash())
        .isEqualTo(engine.torrents().iterator().next());
    assertThat(open(TestRequest.get("/d/a.iso.torrent").from("192.0.2.7")))
        .isInstanceOf(Outcome.Next.class);
  }

  @Test
  void metainfoIsGivenOnlyForTheTokenWhereThereIsASecret() throws Exception {
    Files.writeString(base.resolve("secret"), "xyzzy\n");
    values.put("secret", "file:secret");
    put("a.iso", FIRST);
    clock.advance(Duration.ofSeconds(3));
    start();
    awaitHashed("/d/a.iso").close();
    TestRequest plain = TestRequest.get("/d/a.iso.torrent");

    assertThat(open(plain)).isInstanceOf(Outcome.Next.class);
    assertThat(open(plain.with("Swarmgate-Token", "00"))).isInstanceOf(Outcome.Next.class);
    String elsewhere = MetainfoToken.of(config.secret(), "other.test");
    assertThat(open(plain.with("Swarmgate-Token", elsewhere))).isInstanceOf(Outcome.Next.class);
    String right = MetainfoToken.of(config.secret(), "FILES.test:80");
    assertThat(open(plain.from("192.0.2.7").with("Swarmgate-Token", right)))
        .isInstanceOf(Outcome.Serve.class);
  }

  @Test
  void aTorrentThatIsAFileOfItsOwnGoesOn() throws Exception {
    put("a.iso", FIRST);
    put("a.iso.torrent", bytes(4, 50));
    clock.advance(Duration.ofSeconds(3));
    start();
    awaitHashed("/d/a.iso").close();

    assertThat(open("/d/a.iso.torrent")).isInstanceOf(Outcome.Next.class);
  }

  private void start() throws Exception {
    config = SwarmBackendConfig.parse(values, base);
    publisher.close();
    publisher = publisher(torrents);
    publisher.start();
  }

  private Source publisher(Torrents over) throws IOException {
    PublisherSetup setup =
        new PublisherSetup(
            clock,
            new Rescan(Duration.ofMillis(50), Duration.ofMillis(50)),
            WatchedDirectories::open,
            new Settling(Duration.ofSeconds(2)),
            true,
            (file, progress) -> {
              hashed.incrementAndGet();
              return MetainfoMaker.hash(file, progress);
            },
            new TestCodec(),
            config.secret());
    return new Publishers(config, over, disk, setup).publisher(config.sites().get(0), content);
  }

  private Outcome open(String target) {
    return open(TestRequest.get(target));
  }

  private Outcome open(TestRequest request) {
    SiteRequest routed = new SiteRouter(config.sites()).route(request).orElseThrow();
    return Reading.await(publisher.open(routed));
  }

  private Representation serve(String target) {
    Outcome outcome = open(target);
    assertThat(outcome).isInstanceOf(Outcome.Serve.class);
    return ((Outcome.Serve) outcome).representation();
  }

  private Representation awaitHashed(String target) {
    return await().until(() -> serve(target), file -> file.validator().etag() != null);
  }

  private void put(String name, byte[] bytes) throws IOException {
    Path target = content.resolve("d").resolve(name);
    Files.createDirectories(target.getParent());
    Path half = Files.write(base.resolve("half"), bytes);
    Files.move(half, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
