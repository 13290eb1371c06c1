package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.SwarmBackend;
import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.swarm.ScriptedPeer.Block;
import io.swarmgate.backend.swarm.ScriptedPeer.Connection;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.StallBound;
import io.swarmgate.backend.testing.TestRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node whose peers bring nothing any more, or little, in the middle of a response. */
class LateSwarmTest {
  private static final int PIECE = 64 << 10;
  private static final byte[] CONTENT = SwarmTestKit.content(61, 32 * PIECE - 77);
  private static final Metainfo METAINFO = SwarmTestKit.metainfo(CONTENT, PIECE);
  private static final String PATH = "/d/a.iso";
  private static final String LINK =
      "<" + PATH + ".torrent>; rel=\"describedby\"; type=\"application/x-bittorrent\"";

  /** The default of {@code maxStall}. */
  private static final Duration STALL = Duration.ofMillis(500);

  /** The first piece that a seed doesn't bring as it should. */
  private static final int FIRST_MISSING = 8;

  static {
    // Else the JDK's server waits 40 ms between a head and a body.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  @TempDir Path base;

  private final SwarmTestKit swarm = new SwarmTestKit();
  private final ExecutorService clients = Executors.newCachedThreadPool();

  /** What becomes of a seed in mid-body. */
  enum Fate {
    /** Its process is killed: the system resets what is open, and nobody listens any more. */
    DIES {
      @Override
      void requested(ScriptedPeer seed, Connection by, Block block) throws IOException {
        seed.stopListening();
        by.reset();
      }
    },
    /** Nothing of it is heard any more, and no connection ends. */
    BLACKHOLED {
      @Override
      void requested(ScriptedPeer seed, Connection by, Block block) {}
    },
    /** It sends 1 KB a second. */
    TRICKLES {
      @Override
      void requested(ScriptedPeer seed, Connection by, Block block) throws IOException {
        by.send(block, 128, Duration.ofMillis(125));
      }
    },
    CHOKES {
      @Override
      void requested(ScriptedPeer seed, Connection by, Block block) throws IOException {
        by.choke();
      }
    };

    abstract void requested(ScriptedPeer seed, Connection by, Block block) throws IOException;
  }

  @AfterEach
  void end() {
    swarm.close();
    clients.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource
  void aSeedThatEndsInTheMiddleCostsOneStallAndTheOriginWhatIsMissing(Fate fate) throws Exception {
    List<ScriptedPeer> seeds = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int number = i;
      seeds.add(
          swarm.peer(
              METAINFO,
              CONTENT,
              (by, block) -> {
                if (block.piece() < FIRST_MISSING) {
                  by.send(block);
                } else {
                  fate.requested(seeds.get(number), by, block);
                }
              }));
    }
    try (Scene scene =
        new Scene(METAINFO, CONTENT, seeds.stream().map(ScriptedPeer::address).toList(), STALL)) {
      scene.checkPromise(scene.readAll());
      // What comes after is asked for ahead, so that a seed may die before it has sent the rest.
      int brought = fate == Fate.DIES ? 0 : FIRST_MISSING - 2;
      assertThat(scene.edge.status().downloaded()).isGreaterThanOrEqualTo((long) brought * PIECE);
    }
  }

  @Test
  void aSeedThatChokesEverybodyCostsTheOriginTheFile() throws Exception {
    ScriptedPeer.Script choking =
        new ScriptedPeer.Script() {
          @Override
          public void connected(Connection to) throws IOException {
            to.sayAll();
          }

          @Override
          public void requested(Connection by, Block block) {}
        };
    InetSocketAddress seed = swarm.peer(METAINFO, CONTENT, choking).address();
    try (Scene scene = new Scene(METAINFO, CONTENT, List.of(seed), STALL)) {
      scene.checkPromise(scene.readAll());
      assertThat(scene.asked).hasValue(CONTENT.length);
    }
  }

  @Test
  void seedsThatAreKilledCostTheOriginWhatTheyHadNotSent() throws Exception {
    byte[] content = SeedProcess.CONTENT;
    try (SeedProcess one = SeedProcess.start(0);
        SeedProcess other = SeedProcess.start(0);
        Scene scene =
            new Scene(
                SeedProcess.METAINFO, content, List.of(one.address(), other.address()), STALL)) {
      Future<Duration> longestGap = clients.submit(scene::readAll);
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> scene.edge.status().downloaded() > content.length / 2);
      one.kill();
      other.kill();
      scene.checkPromise(longestGap.get(2, TimeUnit.MINUTES));
      // Most of the first half had come in whole pieces.
      assertThat(scene.asked.get()).isBetween(1L, content.length * 3L / 4);
    }
  }

  @Test
  void aSwarmThatIsMerelySlowProvokesNoStampede() throws Exception {
    // Each reader's piece waits for a block longer than maxStall, time and again.
    ScriptedPeer slow =
        swarm.peer(
            METAINFO,
            CONTENT,
            (by, block) -> by.send(block, block.length(), Duration.ofMillis(16)));
    int readers = 8;
    long part = 2L * PIECE;
    try (Scene scene =
        new Scene(METAINFO, CONTENT, List.of(slow.address()), Duration.ofMillis(100))) {
      List<Future<Duration>> all = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        ByteSpan span = new ByteSpan(i * part, (i + 1) * part);
        all.add(clients.submit(() -> scene.read(span)));
      }
      for (Future<Duration> one : all) {
        assertThat(one.get(1, TimeUnit.MINUTES)).isPositive();
      }
      // Two pieces and 2 %, unless this machine's own pauses look like a seed that is gone.
      assertThat(scene.asked.get()).isLessThan(readers * part / 2);
    }
  }

  /** A node, its peers, and its origin: a publisher's HTTP side, but for the publisher's peers. */
  private final class Scene implements AutoCloseable {
    /** Bytes of content that the origin was asked for. */
    final AtomicLong asked = new AtomicLong();

    final SwarmBackend edge;
    private final StallBound bound;
    private final HttpServer origin;
    private final Metainfo metainfo;
    private final byte[] content;

    Scene(Metainfo metainfo, byte[] content, List<InetSocketAddress> peers, Duration maxStall)
        throws Exception {
      this.metainfo = metainfo;
      this.content = content;
      InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      origin = HttpServer.create(free, 0);
      origin.setExecutor(clients);
      origin.createContext("/", this::answer);
      origin.start();
      Map<String, String> settings =
          Map.of(
              "patterns",
              "/d/*",
              "minSize",
              "1000",
              "maxStall",
              maxStall.toMillis() + "ms",
              "origin",
              "http://127.0.0.1:" + origin.getAddress().getPort());
      EngineConfig engine =
          EngineConfig.listeningAt(free).withEncryption(Encryption.OFF).withPeers(() -> peers);
      edge =
          new SwarmBackend(
              SwarmBackendConfig.parse(settings, base),
              new BtMetainfoCodec(),
              parsed -> new LoopSwarmEngine(engine));
      edge.start();
      bound = StallBound.watch(maxStall);
    }

    Duration readAll() throws IOException {
      return read(new ByteSpan(0, content.length));
    }

    /**
     * Reads from the node as its HTTP side would; fails unless every byte is right.
     *
     * @return the longest that it waited for the next byte
     */
    Duration read(ByteSpan span) throws IOException {
      Outcome outcome = Reading.await(edge.open(TestRequest.get(PATH)));
      assertThat(outcome).isInstanceOf(Outcome.Serve.class);
      long longest = 0;
      try (Representation file = ((Outcome.Serve) outcome).representation();
          ContentReader reader = file.reader()) {
        reader.expect(span);
        long last = System.nanoTime();
        for (long at = span.start(); at < span.end(); ) {
          byte[] some = Reading.some(reader, new ByteSpan(at, span.end()));
          long now = System.nanoTime();
          longest = Math.max(longest, now - last);
          last = now;
          assertThat(some).isEqualTo(Arrays.copyOfRange(content, (int) at, (int) at + some.length));
          at += some.length;
        }
      }
      return Duration.ofNanos(longest);
    }

    /**
     * Fails if the wait was longer, or the origin brought more, than is promised.
     *
     * @param gap the longest wait for a byte
     */
    void checkPromise(Duration gap) {
      bound.check(gap);
      long missing = content.length - edge.status().downloaded();
      assertThat(asked.get()).isLessThanOrEqualTo(missing + 2L * metainfo.layout().pieceLength());
    }

    private void answer(HttpExchange exchange) throws IOException {
      long began = System.nanoTime();
      try (exchange) {
        Headers fields = exchange.getResponseHeaders();
        if (exchange.getRequestURI().getPath().endsWith(".torrent")) {
          byte[] torrent = metainfo.encoded();
          exchange.sendResponseHeaders(200, torrent.length);
          exchange.getResponseBody().write(torrent);
          return;
        }
        fields.add("ETag", "\"one\"");
        fields.add("Cache-Control", "max-age=3600");
        fields.add("Link", LINK);
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (exchange.getRequestMethod().equals("HEAD")) {
          fields.add("Content-Length", Integer.toString(content.length));
          exchange.sendResponseHeaders(200, -1);
        } else if (range == null) {
          exchange.sendResponseHeaders(500, -1);
        } else {
          String[] ends = range.substring("bytes=".length()).split("-", -1);
          int from = Integer.parseInt(ends[0]);
          int last = Integer.parseInt(ends[1]);
          fields.add("Content-Range", "bytes " + from + "-" + last + "/" + content.length);
          asked.addAndGet(last + 1 - from);
          exchange.sendResponseHeaders(206, last + 1 - from);
          exchange.getResponseBody().write(content, from, last + 1 - from);
          bound.originTook(Duration.ofNanos(System.nanoTime() - began));
        }
      }
    }

    @Override
    public void close() {
      edge.close();
      origin.stop(0);
      bound.close();
    }
  }
}
