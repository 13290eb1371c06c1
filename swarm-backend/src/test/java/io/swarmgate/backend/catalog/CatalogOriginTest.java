package io.swarmgate.backend.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.origin.Edges;
import io.swarmgate.backend.origin.ExtentFiles;
import io.swarmgate.backend.site.SiteRouter;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import io.swarmgate.backend.testing.MemoryEngine;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestClock;
import io.swarmgate.backend.testing.TestRequest;
import io.swarmgate.backend.testing.TorrentMaker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A catalogue whose swarms are dead, beside an origin. */
class CatalogOriginTest {
  private static final int PIECE = 32 << 10;

  @TempDir Path base;

  private final BtMetainfoCodec codec = new BtMetainfoCodec();
  private final TestClock clock = new TestClock();
  private final MemoryEngine engine = new MemoryEngine.Net().engine();
  private final Torrents torrents = new Torrents(engine);
  private final Map<String, byte[]> onOrigin = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final ExecutorService serving = Executors.newCachedThreadPool();
  private HttpServer origin;
  private SwarmBackendConfig config;
  private ExtentStore store;
  private Edges edges;
  private Source catalog;

  @BeforeEach
  void start() throws Exception {
    origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    origin.setExecutor(serving);
    origin.createContext(
        "/",
        exchange -> {
          try (exchange) {
            asked.incrementAndGet();
            byte[] file = onOrigin.get(exchange.getRequestURI().getPath());
            String range = exchange.getRequestHeaders().getFirst("Range");
            if (file == null || range == null) {
              exchange.sendResponseHeaders(404, -1);
              return;
            }
            String[] ends = range.substring("bytes=".length()).split("-", -1);
            int from = Integer.parseInt(ends[0]);
            int to = Integer.parseInt(ends[1]) + 1;
            exchange
                .getResponseHeaders()
                .add("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + file.length);
            exchange.sendResponseHeaders(206, to - from);
            exchange.getResponseBody().write(file, from, to - from);
          }
        });
    origin.start();
    Files.createDirectories(base.resolve("torrents/d"));
    config =
        SwarmBackendConfig.parse(
            Map.of(
                "patterns",
                "/d/*",
                "catalog",
                "torrents",
                "origin",
                "http://127.0.0.1:" + origin.getAddress().getPort(),
                "minSize",
                "1",
                "storeMax",
                "64MiB"),
            base);
    store = ExtentStore.open(config.store(), config.storeMax(), false, codec);
    ExtentFiles files = new ExtentFiles(store);
    edges = new Edges(config, codec, torrents, files, clock);
    catalog =
        new Catalogs(codec, torrents, files, Runnable::run)
            .catalog(
                config.sites().get(0),
                base.resolve("torrents"),
                edges.pieceOrigins(config.sites().get(0)));
    catalog.start();
  }

  @AfterEach
  void stop() {
    catalog.close();
    edges.close();
    torrents.close();
    engine.close();
    store.close();
    origin.stop(0);
    serving.shutdownNow();
  }

  @Test
  void thePiecesOfADeadSwarmComeFromTheOrigin() throws Exception {
    byte[] content = bytes(1, 5 * PIECE + 17);
    Files.write(base.resolve("torrents/d/a b.torrent"), TorrentMaker.single("x", content, PIECE));
    onOrigin.put("/d/a b", content);

    assertThat(Reading.all(serve("/d/a%20b"))).isEqualTo(content);
    assertThat(catalog.fetchedPieces()).isEqualTo(content.length);
  }

  @Test
  void whatIsDeliveredIsCountedByWhereItCameFrom() throws Exception {
    byte[] content = bytes(1, 5 * PIECE + 17);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("first", bytes(2, 100));
    files.put("second", content);
    Files.write(base.resolve("torrents/d/set.torrent"), TorrentMaker.multi("set", files, PIECE));
    files.forEach((path, bytes) -> onOrigin.put("/d/set/" + path, bytes));

    try (Representation file = serve("/d/set/second")) {
      try (ContentReader reader = file.reader()) {
        assertThat(Reading.all(reader, content.length)).isEqualTo(content);
        assertThat(reader.sources()).isEqualTo(new Sources(0, 0, content.length));
      }
      try (ContentReader again = file.reader()) {
        assertThat(Reading.all(again, content.length)).isEqualTo(content);
        assertThat(again.sources()).isEqualTo(new Sources(content.length, 0, 0));
      }
    }
  }

  @Test
  void aPieceOfSeveralFilesIsFetchedFileByFile() throws Exception {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("one", bytes(1, PIECE + 5));
    files.put("sub/two", bytes(2, 100));
    files.put("three", bytes(3, 2 * PIECE));
    Files.write(base.resolve("torrents/d/set.torrent"), TorrentMaker.multi("set", files, PIECE));
    files.forEach((path, content) -> onOrigin.put("/d/set/" + path, content));

    for (String path : files.keySet()) {
      assertThat(Reading.all(serve("/d/set/" + path))).isEqualTo(files.get(path));
    }
  }

  @Test
  void anOriginThatHasOtherBytesIsLeftAloneForAWhile() throws Exception {
    byte[] content = bytes(1, 3 * PIECE);
    Files.write(base.resolve("torrents/d/a.torrent"), TorrentMaker.single("a", content, PIECE));
    onOrigin.put("/d/a", bytes(2, 3 * PIECE));

    try (Representation file = serve("/d/a");
        ContentReader reader = file.reader()) {
      assertThat(reader.poll(0, 10)).isNull();
      untilAsked(reader, 1);
      // What was under way has ended once the store would take the right piece.
      await().until(() -> quietAfterPoll(reader));
      assertThat(asked).hasValue(1);

      onOrigin.put("/d/a", content);
      clock.advance(Duration.ofMinutes(11));
      assertThat(Reading.all(reader, content.length)).isEqualTo(content);
    }
  }

  @Test
  void anOriginWithoutTheFileIsLeftAloneForAWhile() throws Exception {
    byte[] content = bytes(1, 3 * PIECE);
    Files.write(base.resolve("torrents/d/a.torrent"), TorrentMaker.single("a", content, PIECE));

    try (Representation file = serve("/d/a");
        ContentReader reader = file.reader()) {
      assertThat(reader.poll(0, 10)).isNull();
      untilAsked(reader, 1);
      await().until(() -> quietAfterPoll(reader));
      assertThat(asked).hasValue(1);
    }
  }

  private void untilAsked(ContentReader reader, int times) throws Exception {
    while (asked.get() < times) {
      turn(reader);
    }
  }

  /** Whether waiting once more asks the origin no more. */
  private boolean quietAfterPoll(ContentReader reader) throws Exception {
    int before = asked.get();
    for (int i = 0; i < 20; i++) {
      turn(reader);
    }
    return asked.get() == before;
  }

  private static void turn(ContentReader reader) throws Exception {
    assertThat(reader.poll(0, 10)).isNull();
    CountDownLatch woken = new CountDownLatch(1);
    reader.onReady(woken::countDown);
    woken.await();
  }

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private Representation serve(String path) {
    Outcome outcome =
        Reading.await(
            catalog.open(
                new SiteRouter(config.sites()).route(TestRequest.get(path)).orElseThrow()));
    assertThat(outcome).isInstanceOf(Outcome.Serve.class);
    return ((Outcome.Serve) outcome).representation();
  }
}
