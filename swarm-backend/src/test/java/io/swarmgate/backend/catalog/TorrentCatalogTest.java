package io.swarmgate.backend.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.origin.ExtentFiles;
import io.swarmgate.backend.site.SiteRouter;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import io.swarmgate.backend.testing.MemoryEngine;
import io.swarmgate.backend.testing.MemoryStore;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestRequest;
import io.swarmgate.backend.testing.TorrentMaker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorrentCatalogTest {
  private static final int PIECE = 32 << 10;

  @TempDir Path base;

  private final BtMetainfoCodec codec = new BtMetainfoCodec();
  private final MemoryEngine.Net net = new MemoryEngine.Net();
  private final MemoryEngine seed = net.engine();
  private final MemoryEngine engine = net.engine();
  private final Torrents torrents = new Torrents(engine);
  private SwarmBackendConfig config;
  private ExtentStore store;
  private Source catalog;

  @BeforeEach
  void start() throws Exception {
    Files.createDirectories(base.resolve("torrents/d"));
    config =
        SwarmBackendConfig.parse(
            Map.of("patterns", "/d/*", "catalog", "torrents", "storeMax", "64MiB"), base);
    store = ExtentStore.open(config.store(), config.storeMax(), false, codec);
    catalog =
        new Catalogs(codec, torrents, new ExtentFiles(store), Runnable::run)
            .catalog(config.sites().get(0), base.resolve("torrents"), null);
    catalog.start();
  }

  @AfterEach
  void stop() {
    catalog.close();
    torrents.close();
    engine.close();
    seed.close();
    store.close();
  }

  @Test
  void aSingleFileTorrentIsItsUrl() throws Exception {
    byte[] content = bytes(1, 100_000);
    put("d/a.iso", TorrentMaker.single("other name", content, PIECE), content);

    assertThat(Reading.all(serve("/d/a.iso"))).isEqualTo(content);
    assertThat(serve("/d/a.iso").validator().lastModified()).isNotNull();
    assertThat(catalog.files()).singleElement().hasToString(catalog.files().get(0).toString());
    next("/d/b.iso");
    next("/d/a.iso/other%20name");
    next("/d/a.iso.torrent");
  }

  @Test
  void aMultiFileTorrentsFilesAreSpansOfIt() throws Exception {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("one.bin", bytes(1, 50_001));
    files.put("empty", new byte[0]);
    files.put("sub/two.bin", bytes(2, 70_003));
    files.put("three.bin", bytes(3, 5));
    put("d/set", TorrentMaker.multi("set", files, PIECE), TorrentMaker.joined(files));

    for (String name : new String[] {"one.bin", "sub/two.bin", "three.bin"}) {
      assertThat(Reading.all(serve("/d/set/" + name))).isEqualTo(files.get(name));
    }
    next("/d/set");
    next("/d/set/empty");
    next("/d/set/sub");
  }

  /** A file's bytes are counted apart from those of its neighbours in the torrent. */
  @Test
  void itTellsWhatIsHeldOfAFile() throws Exception {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("one", bytes(1, 2 * PIECE + 10));
    files.put("two", bytes(2, 3 * PIECE));
    put("d/set", TorrentMaker.multi("set", files, PIECE), TorrentMaker.joined(files));
    ByteSpan all = new ByteSpan(0, 3 * PIECE);
    assertThat(held("/d/set/two", all)).isZero();

    assertThat(Reading.all(serve("/d/set/one"))).isEqualTo(files.get("one"));
    assertThat(held("/d/set/two", all)).isEqualTo(PIECE - 10);
    assertThat(held("/d/set/two", new ByteSpan(PIECE - 20, PIECE))).isEqualTo(10);

    assertThat(Reading.all(serve("/d/set/two"))).isEqualTo(files.get("two"));
    assertThat(held("/d/set/two", all)).isEqualTo(3 * PIECE);
  }

  private long held(String path, ByteSpan span) {
    try (Representation file = serve(path)) {
      Cached cached = Objects.requireNonNull(file.cached());
      assertThat(cached.stale()).isFalse();
      assertThat(cached.ttl()).isZero();
      return cached.held(span);
    }
  }

  @Test
  void theTorrentWithTheLongestPathThatHasTheFileIsTaken() throws Exception {
    byte[] outer = bytes(1, 40_000);
    byte[] inner = bytes(2, 40_000);
    byte[] only = bytes(3, 40_000);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("sub/x", outer);
    files.put("sub/y", only);
    put("d/set", TorrentMaker.multi("set", files, PIECE), TorrentMaker.joined(files));
    assertThat(Reading.all(serve("/d/set/sub/x"))).isEqualTo(outer);

    Map<String, byte[]> nested = Map.of("x", inner);
    put("d/set/sub", TorrentMaker.multi("sub", nested, PIECE), inner);

    assertThat(Reading.all(serve("/d/set/sub/x"))).isEqualTo(inner);
    assertThat(Reading.all(serve("/d/set/sub/y"))).isEqualTo(only);
  }

  @Test
  void theEntityTagIsOfTheBytesAndNotOfTheTorrent() throws Exception {
    byte[] content = bytes(1, 100_000);
    put("d/a", TorrentMaker.single("a", content, PIECE), content);
    put("d/b", TorrentMaker.single("b", content, PIECE), content);
    put("d/set", TorrentMaker.multi("set", Map.of("c", content), PIECE), content);
    put("d/other", TorrentMaker.single("a", bytes(2, 100_000), PIECE), bytes(2, 100_000));

    String etag = serve("/d/a").validator().etag();
    assertThat(etag).matches("\"[0-9a-f]{64}\"");
    assertThat(serve("/d/b").validator().etag()).isEqualTo(etag);
    assertThat(serve("/d/set/c").validator().etag()).isEqualTo(etag);
    assertThat(serve("/d/other").validator().etag()).isNotEqualTo(etag);
  }

  @Test
  void aReplacedTorrentCountsForNewResponsesOnly() throws Exception {
    byte[] old = bytes(1, 100_000);
    byte[] young = bytes(2, 90_000);
    put("d/a", TorrentMaker.single("a", old, PIECE), old);
    try (Representation before = serve("/d/a");
        ContentReader reader = before.reader()) {
      put("d/a", TorrentMaker.single("a", young, PIECE), young);
      assertThat(Reading.all(serve("/d/a"))).isEqualTo(young);
      assertThat(Reading.all(reader, before.length())).isEqualTo(old);
    }
    Files.delete(base.resolve("torrents/d/a.torrent"));
    next("/d/a");
    assertThat(catalog.files()).isEmpty();
  }

  @Test
  void whatIsNoTorrentOrLiesOutsideIsNotServed() throws Exception {
    byte[] content = bytes(1, 100_000);
    Files.writeString(base.resolve("torrents/d/bad.torrent"), "no torrent");
    Files.write(base.resolve("out.torrent"), TorrentMaker.single("out", content, PIECE));
    Files.createSymbolicLink(base.resolve("torrents/d/out.torrent"), base.resolve("out.torrent"));

    next("/d/bad");
    next("/d/out");
    next("/d" + "/x".repeat(100));
  }

  @Test
  void aPieceLengthNeedNotBeAPowerOfTwo() throws Exception {
    byte[] content = bytes(1, 200_000);
    put("d/a", TorrentMaker.single("a", content, 48 << 10), content);
    put("d/b", TorrentMaker.single("b", content, 40 << 10), content);

    assertThat(Reading.all(serve("/d/a"))).isEqualTo(content);
    next("/d/b");
  }

  @Test
  void whatEndsBeforeItsBytesWakesNoSwarm() throws Exception {
    byte[] content = bytes(1, 100_000);
    put("d/a", TorrentMaker.single("a", content, PIECE), content);

    try (Representation file = serve("/d/a")) {
      assertThat(file.length()).isEqualTo(content.length);
      assertThat(engine.torrents()).hasSize(1);
      assertThat(engine.awake()).isEmpty();
      Reading.all(file);
      assertThat(engine.awake()).hasSize(1);
    }
  }

  @Test
  void afterARestartPeersFindEveryTorrentThatPiecesAreStoredOf() throws Exception {
    byte[] stored = bytes(1, 100_000);
    byte[] unread = bytes(2, 100_000);
    put("d/stored", TorrentMaker.single("stored", stored, PIECE), stored);
    put("d/unread", TorrentMaker.single("unread", unread, PIECE), unread);
    assertThat(Reading.all(serve("/d/stored"))).isEqualTo(stored);
    serve("/d/unread").close();
    stop();

    MemoryEngine.Net later = new MemoryEngine.Net();
    MemoryEngine restarted = later.engine();
    MemoryEngine peer = later.engine();
    Torrents known = new Torrents(restarted);
    store = ExtentStore.open(config.store(), config.storeMax(), false, codec);
    Source again =
        new Catalogs(codec, known, new ExtentFiles(store), Runnable::run)
            .catalog(config.sites().get(0), base.resolve("torrents"), null, Duration.ofMillis(20));
    try {
      again.start();
      await().until(() -> restarted.torrents().size() == 1);
      assertThat(restarted.awake()).isEmpty();

      Metainfo metainfo = codec.decode(TorrentMaker.single("stored", stored, PIECE));
      peer.add(metainfo.infoHash(), () -> new MemoryStore(metainfo));
      try (ContentReader reader = peer.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
        assertThat(Reading.all(reader, stored.length)).isEqualTo(stored);
      }

      Files.delete(base.resolve("torrents/d/stored.torrent"));
      await().until(() -> restarted.torrents().isEmpty());
    } finally {
      again.close();
      known.close();
      restarted.close();
      peer.close();
    }
  }

  private void put(String path, byte[] torrent, byte[] content) throws Exception {
    Path file = base.resolve("torrents/" + path + ".torrent");
    Files.createDirectories(file.getParent());
    Path temporary = Files.write(base.resolve("temporary"), torrent);
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    try {
      Metainfo metainfo = codec.decode(torrent);
      seed.add(metainfo.infoHash(), () -> MemoryStore.full(metainfo, content));
    } catch (io.swarmgate.backend.metainfo.InvalidMetainfoException e) {
      assertThat(Arrays.asList("d/b")).contains(path);
    }
  }

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private Outcome open(String path) {
    return Reading.await(
        catalog.open(new SiteRouter(config.sites()).route(TestRequest.get(path)).orElseThrow()));
  }

  private Representation serve(String path) {
    Outcome outcome = open(path);
    assertThat(outcome).isInstanceOf(Outcome.Serve.class);
    return ((Outcome.Serve) outcome).representation();
  }

  private void next(String path) {
    assertThat(open(path)).isInstanceOf(Outcome.Next.class);
  }
}
