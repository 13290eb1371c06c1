import com.sun.management.OperatingSystemMXBean;
import io.swarmgate.backend.config.Encryption;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.store.GuardedFile;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.store.PublishedFile;
import io.swarmgate.backend.swarm.EngineConfig;
import io.swarmgate.backend.swarm.LoopSwarmEngine;
import io.swarmgate.backend.swarm.ReadPolicy;
import io.swarmgate.backend.swarm.Swarm;
import io.swarmgate.backend.swarm.SwarmEngine;
import io.swarmgate.backend.swarm.SwarmStatus;
import io.swarmgate.backend.swarm.bt.BtMetainfoCodec;
import io.swarmgate.backend.system.FileGuard;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/**
 * One node of a measured swarm: the engine as a publisher or an edge runs it, without HTTP around
 * it. {@code run} starts it beside {@code lt.py}, which takes the same arguments and lines.
 *
 * <pre>
 * make  FILE TORRENT PIECELENGTH                                writes the .torrent of a file
 * seed  FILE TORRENT HOST:PORT                                  serves a whole file
 * leech TORRENT STOREDIR HOST:PORT PEERS fill|sequential        fetches it, then serves it
 * seek  TORRENT STOREDIR HOST:PORT PEERS COUNT                  times cold seeks
 * </pre>
 *
 * <p>PEERS is a comma list of HOST:PORT. A node prints {@code READY} once it listens. {@code leech}
 * and {@code seek} begin at a line {@code go} on standard input, so that a JVM's start is not
 * measured and several nodes can begin together; they end with {@code DONE} and figures as JSON. A
 * sequential reader also says {@code HALF} in the middle. From then on {@code stat} is answered by
 * {@code STAT} and figures, and {@code quit}, or the end of the input, ends the node.
 *
 * <p>With {@code -Dwarm=true -Dwarm.dir=DIR} it first moves 1.4 GiB through itself, so that its
 * code is compiled before anything is measured; DIR is the caller's to delete. {@code
 * -Dwarm.rounds=N} makes that N times 48 MiB.
 */
public final class SwarmNode {
  private static final int SLICE = 1 << 20;
  private static final long QUOTA = 1L << 40;
  private static final long GIVE_UP_SECONDS = 300;
  private static final int WARM_ROUNDS = Integer.getInteger("warm.rounds", 30);
  private static final int WARM_BYTES = 48 << 20;

  /** Seeks are of the same pieces, in the same order, in lt.py's runs as in ours. */
  private static final long SEED_OF_SEEKS = 7;

  private static final MetainfoCodec CODEC = new BtMetainfoCodec();

  private final SwarmEngine engine;
  private final Metainfo metainfo;
  private final BufferedReader input =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  private SwarmNode(SwarmEngine engine, Metainfo metainfo) {
    this.engine = engine;
    this.metainfo = metainfo;
  }

  public static void main(String[] args) throws Exception {
    if (Boolean.getBoolean("warm") && args.length > 0 && !args[0].equals("make")) {
      warmUp();
    }
    switch (args.length == 0 ? "" : args[0]) {
      case "make" -> make(Path.of(args[1]), Path.of(args[2]), Integer.parseInt(args[3]));
      case "seed" -> seed(Path.of(args[1]), Path.of(args[2]), address(args[3]));
      case "leech", "seek" -> fetch(args);
      default -> {
        System.err.println("usage: SwarmNode make|seed|leech|seek ..., see the head of its source");
        System.exit(2);
      }
    }
    // The engine's threads are daemons, but nothing a bench forgot may keep a measured node alive.
    System.exit(0);
  }

  /** Hashes by itself: the public maker chooses the piece length, and here it is a parameter. */
  private static void make(Path file, Path torrent, int pieceLength) throws Exception {
    PieceLayout layout = new PieceLayout(Files.size(file), pieceLength);
    byte[] hashes = new byte[layout.pieceCount() * Metainfo.HASH_LENGTH];
    MessageDigest whole = MessageDigest.getInstance("SHA-256");
    MessageDigest each = MessageDigest.getInstance("SHA-1");
    try (FileChannel channel = FileChannel.open(file)) {
      for (int piece = 0; piece < layout.pieceCount(); piece++) {
        var bytes =
            channel.map(FileChannel.MapMode.READ_ONLY, layout.start(piece), layout.length(piece));
        whole.update(bytes.duplicate());
        each.update(bytes);
        System.arraycopy(
            each.digest(), 0, hashes, piece * Metainfo.HASH_LENGTH, Metainfo.HASH_LENGTH);
      }
    }
    String name = file.getFileName().toString();
    Files.write(torrent, CODEC.encode(name, layout, hashes, whole.digest(), new byte[0]).encoded());
  }

  private static void seed(Path file, Path torrent, InetSocketAddress listen) throws Exception {
    Metainfo metainfo = CODEC.decode(Files.readAllBytes(torrent));
    try (SwarmEngine engine = new LoopSwarmEngine(config(listen))) {
      engine.start();
      engine.add(metainfo.infoHash(), () -> published(file, metainfo));
      say("READY");
      new SwarmNode(engine, metainfo).answer();
    }
  }

  /** Plaintext, unless {@code -Dencryption=require} asks for RC4. */
  private static EngineConfig config(InetSocketAddress listen) {
    String policy = System.getProperty("encryption", "off").toUpperCase(Locale.ROOT);
    return EngineConfig.listeningAt(listen).withEncryption(Encryption.valueOf(policy));
  }

  private static PieceStore published(Path file, Metainfo metainfo) {
    try {
      return new PublishedFile(new GuardedFile(file, FileGuard.of(file), true), metainfo);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PieceStore opened(ExtentStore extents, Metainfo metainfo) {
    try {
      return extents.open(metainfo);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Moves 1.4 GiB from one engine of this process to another, a small torrent again and again: what
   * is measured then is a node that has been up for a while, its code compiled. Its files and
   * engines are gone before {@code READY}.
   */
  private static void warmUp() throws Exception {
    Path directory = Files.createTempDirectory(Path.of(System.getProperty("warm.dir")), "warm-");
    Path file = directory.resolve("file");
    Path torrent = directory.resolve("torrent");
    byte[] content = new byte[WARM_BYTES];
    new Random().nextBytes(content);
    Files.write(file, content);
    make(file, torrent, 1 << 20);
    Metainfo metainfo = CODEC.decode(Files.readAllBytes(torrent));
    InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
    try (LoopSwarmEngine seed = new LoopSwarmEngine(config(any))) {
      seed.start();
      seed.add(metainfo.infoHash(), () -> published(file, metainfo));
      InetSocketAddress address = seed.address();
      EngineConfig config = config(any).withPeers(() -> List.of(address));
      for (int round = 0; round < WARM_ROUNDS; round++) {
        Path store = directory.resolve("store-" + round);
        try (ExtentStore extents = ExtentStore.open(store, QUOTA, true, CODEC);
            SwarmEngine leech = new LoopSwarmEngine(config)) {
          leech.start();
          leech.add(metainfo.infoHash(), () -> opened(extents, metainfo));
          new SwarmNode(leech, metainfo).readAll();
        }
      }
      // What was mapped of them goes now, not while something is measured.
      System.gc();
    }
  }

  private static void fetch(String[] args) throws Exception {
    Metainfo metainfo = CODEC.decode(Files.readAllBytes(Path.of(args[1])));
    List<InetSocketAddress> peers =
        Arrays.stream(args[4].split(",")).map(SwarmNode::address).toList();
    EngineConfig config = config(address(args[3])).withPeers(() -> peers);
    try (ExtentStore extents = ExtentStore.open(Path.of(args[2]), QUOTA, true, CODEC);
        PieceStore pieces = extents.open(metainfo);
        SwarmEngine engine = new LoopSwarmEngine(config)) {
      engine.start();
      engine.add(metainfo.infoHash(), () -> opened(extents, metainfo));
      say("READY");
      SwarmNode node = new SwarmNode(engine, metainfo);
      if (!"go".equals(node.input.readLine())) {
        return;
      }
      if (args[0].equals("seek")) {
        node.seek(Integer.parseInt(args[5]));
      } else if (args[5].equals("fill")) {
        node.fill(pieces);
      } else {
        node.read();
      }
      node.answer();
    }
  }

  /** Fetches all pieces in whatever order the engine likes. */
  private void fill(PieceStore pieces) throws Exception {
    long cpu = cpuNanos();
    long start = System.nanoTime();
    engine.join(metainfo.infoHash()).fill(true);
    while (pieces.pieces().isEmpty()) {
      pause(start);
    }
    long first = System.nanoTime();
    // Only the piece after those already seen is asked for: a copy of the whole map each
    // millisecond would be measured too.
    for (int next = 0; next < metainfo.layout().pieceCount(); ) {
      if (pieces.has(next)) {
        next++;
      } else {
        pause(start);
      }
    }
    long end = System.nanoTime();
    double length = metainfo.layout().length();
    double afterFirst = length - metainfo.layout().pieceLength();
    say(
        "DONE {\"seconds\":%.4f,\"first\":%.4f,\"rate\":%.2f,\"warmRate\":%.2f,\"cpu\":%.3f,\"rss\":%d}",
        seconds(start, end),
        seconds(start, first),
        length / 1e6 / seconds(start, end),
        afterFirst / 1e6 / seconds(first, end),
        (cpuNanos() - cpu) / 1e9,
        maxRss());
  }

  private static void pause(long start) throws Exception {
    if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(GIVE_UP_SECONDS)) {
      throw new IOException("not all pieces came within " + GIVE_UP_SECONDS + " s");
    }
    Thread.sleep(1);
  }

  /** Reads from byte 0 to the end, slice by slice, as the body of one response does. */
  private void read() throws Exception {
    long length = metainfo.layout().length();
    CRC32 crc = new CRC32();
    Semaphore ready = new Semaphore(0);
    long cpu = cpuNanos();
    long start = System.nanoTime();
    long last = start;
    long first = 0;
    long longestGap = 0;
    long position = 0;
    try (ContentReader reader = engine.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
      reader.expect(new ByteSpan(0, length));
      while (position < length) {
        try (Slice slice = reader.poll(position, SLICE)) {
          if (slice == null) {
            reader.onReady(ready::release);
            await(ready);
            continue;
          }
          long before = position;
          position += slice.buffer().remaining();
          crc.update(slice.buffer());
          long now = System.nanoTime();
          first = first == 0 ? now : first;
          longestGap = Math.max(longestGap, now - last);
          last = now;
          if (before < length / 2 && position >= length / 2) {
            say("HALF");
          }
        }
      }
    }
    say(
        "DONE {\"seconds\":%.4f,\"first\":%.4f,\"gap\":%.4f,\"rate\":%.2f,\"crc\":%d,\"cpu\":%.3f,\"rss\":%d}",
        seconds(start, last),
        seconds(start, first),
        longestGap / 1e9,
        length / 1e6 / seconds(start, last),
        crc.getValue(),
        (cpuNanos() - cpu) / 1e9,
        maxRss());
  }

  private void readAll() throws Exception {
    Semaphore ready = new Semaphore(0);
    try (ContentReader reader = engine.join(metainfo.infoHash()).reader(ReadPolicy.PEERS_ONLY)) {
      for (long position = 0; position < metainfo.layout().length(); ) {
        try (Slice slice = reader.poll(position, SLICE)) {
          if (slice == null) {
            reader.onReady(ready::release);
            await(ready);
          } else {
            position += slice.buffer().remaining();
          }
        }
      }
    }
  }

  private static void await(Semaphore ready) throws Exception {
    if (!ready.tryAcquire(GIVE_UP_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("no byte came within " + GIVE_UP_SECONDS + " s");
    }
  }

  /** Times pieces that nobody asked for before, one by one, on a connection that stands. */
  private void seek(int count) throws Exception {
    PieceLayout layout = metainfo.layout();
    Swarm swarm = engine.join(metainfo.infoHash());
    List<Integer> order = order(layout.pieceCount());
    // The last piece of the order connects us and is not measured.
    timeSeek(swarm, order.get(order.size() - 1));
    Random pauses = new Random(SEED_OF_SEEKS);
    int seeks = Math.min(count, order.size() - 1);
    double[] millis = new double[seeks];
    for (int i = 0; i < seeks; i++) {
      Thread.sleep(20 + pauses.nextInt(80));
      millis[i] = timeSeek(swarm, order.get(i));
    }
    Arrays.sort(millis);
    say(
        "DONE {\"seeks\":%d,\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f}",
        seeks,
        percentile(millis, 50),
        percentile(millis, 90),
        percentile(millis, 99),
        millis[seeks - 1]);
  }

  /** From the poll that finds nothing to the slice being there, in ms. */
  private double timeSeek(Swarm swarm, int piece) throws Exception {
    ByteSpan span = metainfo.layout().span(piece);
    Semaphore ready = new Semaphore(0);
    try (ContentReader reader = swarm.reader(ReadPolicy.PEERS_ONLY)) {
      reader.expect(span);
      long start = System.nanoTime();
      while (true) {
        try (Slice slice = reader.poll(span.start(), SLICE)) {
          if (slice != null) {
            return (System.nanoTime() - start) / 1e6;
          }
        }
        reader.onReady(ready::release);
        await(ready);
      }
    }
  }

  /**
   * All pieces, shuffled by a generator simple enough to be written in Python too, so that both
   * engines seek alike.
   */
  private static List<Integer> order(int pieces) {
    Integer[] order = new Integer[pieces];
    Arrays.setAll(order, i -> i);
    long state = SEED_OF_SEEKS;
    for (int i = pieces - 1; i > 0; i--) {
      state = (state * 1103515245L + 12345) & 0x7fffffffL;
      int other = (int) (state % (i + 1));
      Integer moved = order[i];
      order[i] = order[other];
      order[other] = moved;
    }
    return Arrays.asList(order);
  }

  private static double percentile(double[] sorted, int percent) {
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
  }

  /** Answers until it is told to quit, or whoever started it is gone. */
  private void answer() throws IOException {
    for (String line = input.readLine();
        line != null && !line.equals("quit");
        line = input.readLine()) {
      if (line.equals("stat")) {
        int peers = engine.status().stream().map(SwarmStatus::peers).mapToInt(List::size).sum();
        say(
            "STAT {\"uploaded\":%d,\"downloaded\":%d,\"peers\":%d,\"cpu\":%.3f,\"rss\":%d}",
            engine.uploaded(), engine.downloaded(), peers, cpuNanos() / 1e9, maxRss());
      }
    }
  }

  private static InetSocketAddress address(String hostPort) {
    int colon = hostPort.lastIndexOf(':');
    return new InetSocketAddress(
        hostPort.substring(0, colon), Integer.parseInt(hostPort.substring(colon + 1)));
  }

  private static double seconds(long from, long to) {
    return (to - from) / 1e9;
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /** Most memory this process ever had resident, mapped files included, in bytes; Linux only. */
  private static long maxRss() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return 0;
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
    System.out.flush();
  }
}
