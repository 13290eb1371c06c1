import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Simulates the rules by which cold edges, all asked at once, take about one copy from the
 * publisher.
 *
 * <pre>
 * java Onecopy.java [SCENARIO...] [--OPTION VALUE]...
 * java Onecopy.java slow --slow-piece 0
 * java Onecopy.java line --edges 1000 --known 10 --seeds 1
 * </pre>
 *
 * <p>{@code --help} lists scenarios and options with their defaults; what they mean is said at
 * {@link Rules} and {@link Setting}. A discrete-event simulation: nodes with an uplink and a
 * downlink, a latency, and nothing of TCP but a pipe that holds so much. It is kept beside the
 * engine so that a rule is changed together with its figure. The last line above takes about 10 s
 * of one core.
 *
 * <p>Printed for each scenario, means over the random seeds:
 *
 * <ul>
 *   <li>copies: bytes the publishers sent / file size
 *   <li>mean: time from an edge's being asked to its finish / what its own lines allow (file size /
 *       the slower of a publisher's uplink and its downlink), mean over the edges that live and
 *       were cold
 *   <li>fastest: the same of the edge with the fastest line
 *   <li>gap: longest time in ms, in any round, that a reader waited for its next piece; then that
 *       of the fastest edge
 *   <li>twice: bytes that came to an edge twice / file size
 * </ul>
 */
public final class Onecopy {
  private static final double MB = 1e6;
  private static final int PIECE = 1 << 20;

  /** Four blocks; finer ones change no figure and take four times as long. */
  private static final int UNIT = 64 << 10;

  private static final int UNITS = PIECE / UNIT;
  private static final int ALL = (1 << UNITS) - 1;
  private static final double TICK = 0.02;
  private static final double LIMIT = 3600;

  /** Times in seconds. The publisher is the root; a hold keeps a piece from all others. */
  static final class Rules {
    /** A hold ends when so long nothing was sent that could have been, */
    double stall = 0.150;

    /** or no HAVE comes so long after the last byte drained, */
    double haveWait = 0.100;

    /** or so long after the HAVE, which leaves others the time to CANCEL, */
    double cancelGrace = 0.250;

    /**
     * during which others' HAVEs may prolong it for so long (0: only the receiver's HAVE counts),
     */
    double spreading = 0;

    /**
     * or the rest will take its receiver longer, by the time its pipe was full; 0: no such rule.
     */
    double slowPiece = 1.0;

    /** Of pieces to be begun, the root sends the earliest; 0: one of a random receiver. */
    int earliest = 1;

    /** Pieces an edge asks for ahead of its reader. */
    int window = 16;

    /** Units kept under way from an edge, as the engine does on such lines. */
    int depth = 6;

    /** An edge's unit that takes longer, and longer than usual, is asked of another source, */
    double late = 0.300;

    /** of the root too; 0: of edges alone. */
    int lateRoot = 1;

    /**
     * Receivers that an edge has a piece under way to at once, the earliest piece first, not
     * counting those whose pipe is full; 0: all who ask, block by block.
     */
    int slots = 0;

    /** A receiver has its slot until its HAVE, or until it asked for nothing of it for so long, */
    double slotIdle = 0.100;

    /** or took nothing for so long. */
    double slotStall = 1.0;

    /** An edge that sends nothing for so long is passed over, */
    double silence = 1.0;

    /** but not before so many of its usual gaps between blocks, */
    double silenceGaps = 8.0;

    /** and for so long. */
    double passedOver = 5.0;

    /** Units that fit in the buffers of one connection. */
    int pipe = 4;

    /** Units for each receiver that an edge's kernel takes ahead, and sends in turn; 0: none. */
    int buffer = 0;
  }

  /** What is simulated, unless a scenario says otherwise or an option does. */
  static final class Setting {
    int seeds = 3;

    /** In place of six, in scenarios whose edges are all alike. */
    int edges = 0;

    /** Edges that each edge dials; 0: all. */
    int known = 0;

    /** The file's pieces; 0: the scenario's. */
    int pieces = 0;

    /** Seconds within which the edges are asked, at random moments; negative: the scenario's. */
    double within = -1;

    /** Edges that have the whole file before the others are asked. */
    int warm = 0;

    /** Publishers, each with a line of its own. */
    int publishers = 1;
  }

  /**
   * @param rootUp bytes a second
   * @param lines each edge's, both ways, bytes a second
   * @param spread the edges are asked at random moments within this time
   * @param dies when the first edge falls silent, as a machine does whose power fails; or infinite
   */
  record Scenario(
      String title,
      double rootUp,
      double[] lines,
      int pieces,
      double latency,
      double spread,
      double dies) {
    Scenario(String title, double rootUp, double[] lines, int pieces) {
      this(title, rootUp, lines, pieces, 0.0005, 0.005, Double.POSITIVE_INFINITY);
    }

    Scenario on(double newLatency, double newSpread) {
      return new Scenario(title, rootUp, lines, pieces, newLatency, newSpread, dies);
    }

    Scenario dies(double at) {
      return new Scenario(title, rootUp, lines, pieces, latency, spread, at);
    }

    boolean isEven() {
      return Arrays.stream(lines).distinct().count() == 1;
    }

    Scenario with(Setting setting) {
      Scenario base = isEven() && setting.edges > 0 ? edges(setting.edges) : this;
      int newPieces = setting.pieces > 0 ? setting.pieces : pieces;
      double newSpread = setting.within >= 0 ? setting.within : spread;
      return new Scenario(base.title, rootUp, base.lines, newPieces, latency, newSpread, dies);
    }

    private Scenario edges(int count) {
      String newTitle = title.replaceFirst("six", String.valueOf(count));
      double[] newLines = same(count, lines[0]);
      return new Scenario(newTitle, rootUp, newLines, pieces, latency, spread, dies);
    }
  }

  private static double[] same(int count, double line) {
    double[] lines = new double[count];
    Arrays.fill(lines, line);
    return lines;
  }

  private static double[] oneFast(double others) {
    double[] lines = same(6, others);
    lines[0] = 100 * MB;
    return lines;
  }

  private static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();

  static {
    double[] lan = same(6, 100 * MB);
    double[] line = same(6, 12.5 * MB);
    SCENARIOS.put(
        "slow10", new Scenario("six at 10 MB/s", 10 * MB, same(6, 10 * MB), 48).on(0.005, 0.05));
    SCENARIOS.put("line", new Scenario("six at 12.5 MB/s", 12.5 * MB, line, 48).on(0.010, 0.05));
    SCENARIOS.put("lan", new Scenario("six at 100 MB/s", 100 * MB, lan, 64));
    SCENARIOS.put(
        "mixed", new Scenario("one at 100, five at 10 MB/s", 100 * MB, oneFast(10 * MB), 64));
    SCENARIOS.put(
        "slow", new Scenario("one at 100, five at 0.5 MB/s", 100 * MB, oneFast(0.5 * MB), 32));
    SCENARIOS.put(
        "dies", new Scenario("six at 100 MB/s, one dies at 0.3 s", 100 * MB, lan, 64).dies(0.3));
    SCENARIOS.put(
        "dies-line",
        new Scenario("six at 12.5 MB/s, one dies at 0.8 s", 12.5 * MB, line, 48).dies(0.8));
  }

  private record Event(double time, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Double.compare(time, other.time);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  /** The clock, the events and the wire. */
  static final class Simulation {
    final Scenario scenario;
    final Rules rules;
    final Random random;
    final List<Root> roots;
    final List<Edge> edges = new ArrayList<>();
    double now;
    int unfinished;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long count;

    Simulation(Scenario scenario, Rules rules, Setting setting, long seed) {
      this.scenario = scenario;
      this.rules = rules;
      random = new Random(seed);
      roots =
          IntStream.range(0, setting.publishers)
              .mapToObj(i -> new Root(this, scenario.rootUp))
              .toList();
      for (double line : scenario.lines) {
        edges.add(new Edge(this, edges.size(), line));
      }
      unfinished = edges.size();
      introduce(setting.known);
      edges.stream().limit(setting.warm).forEach(Edge::warm);
      for (Edge edge : edges) {
        after(random.nextDouble() * scenario.spread, edge::begin);
      }
      if (scenario.dies < Double.POSITIVE_INFINITY) {
        after(scenario.dies, edges.get(0)::die);
      }
      after(TICK, this::tick);
    }

    /** Each edge dials so many others; connections are of use to both. */
    private void introduce(int known) {
      int all = edges.size();
      for (Edge edge : edges) {
        if (known == 0 || known >= all - 1) {
          edges.stream().filter(other -> other != edge).forEach(edge::connect);
          continue;
        }
        Set<Edge> dialled = new HashSet<>();
        while (dialled.size() < known) {
          Edge other = edges.get(random.nextInt(all));
          if (other != edge && dialled.add(other)) {
            edge.connect(other);
            other.connect(edge);
          }
        }
      }
      edges.forEach(Edge::settle);
    }

    void after(double delay, Runnable action) {
      events.add(new Event(now + delay, count++, action));
    }

    /** A message, which takes the latency. */
    void tell(Runnable action) {
      after(scenario.latency, action);
    }

    Simulation run() {
      while (unfinished > 0 && now < LIMIT) {
        Event event = events.remove();
        now = event.time;
        event.action.run();
      }
      return this;
    }

    private void tick() {
      for (Edge edge : edges) {
        edge.tick();
      }
      roots.forEach(Root::pump);
      for (Edge edge : edges) {
        edge.pump();
      }
      after(TICK, this::tick);
    }
  }

  /** What one receiver still wants of one piece; units are bits. */
  private static final class Request implements Comparable<Request> {
    final int piece;
    int units;

    /** Nothing of it was sent yet. */
    boolean fresh;

    Request(int piece, int units, boolean fresh) {
      this.piece = piece;
      this.units = units;
      this.fresh = fresh;
    }

    /** Begun ones first, then the earliest piece. */
    @Override
    public int compareTo(Request other) {
      int byBegun = Boolean.compare(fresh, other.fresh);
      return byBegun != 0 ? byBegun : Integer.compare(piece, other.piece);
    }
  }

  /** One way of a connection: what a receiver asks of a source. */
  static final class Link {
    final Uploader source;
    final Edge receiver;

    // What the source knows.
    final List<Request> queue = new ArrayList<>();

    /** Of the pieces in the queue, modulo 64: says quickly that none of some is there. */
    long queued;

    /** The pieces, in the same way, that the root held for this receiver at any time. */
    long holding;

    /** Units sent that have not drained. */
    int inPipe;

    /** The piece a unit of which was sent last. */
    int latest = -1;

    /** When a unit was sent last, as a number that grows. */
    long turn;

    /** Units in the source's kernel: what each is when it has left. */
    final Deque<Runnable> buffer = new ArrayDeque<>();

    /** The piece for which it has one of the source's slots; -1 if it has none. */
    int slot = -1;

    /** When a unit of it was last sent or drained. */
    double progress;

    /** Where this is in the source's list of those who wait; -1 if it isn't. */
    int place = -1;

    // What the receiver knows; answers are smoothed as TCP does it (RFC 6298).
    int asked;

    /** Whether this is in the receiver's list of those that it asks. */
    boolean busy;

    double since;
    double last;
    double gap;
    double answer;
    double deviation;
    double shunnedUntil;

    Link(Uploader source, Edge receiver) {
      this.source = source;
      this.receiver = receiver;
    }

    void answered(double askedAt, double now) {
      gap += (now - Math.max(last, askedAt) - gap) / 8;
      double took = now - askedAt;
      if (answer > 0) {
        deviation += (Math.abs(took - answer) - deviation) / 4;
        answer += (took - answer) / 8;
      } else {
        answer = took;
        deviation = took / 2;
      }
    }
  }

  /** Sends one unit after another over its uplink; which one is next, the two kinds decide. */
  abstract static class Uploader {
    final Simulation sim;
    final double up;
    boolean dead;
    long sent;

    /** The links whose queue isn't empty, in no order. */
    final List<Link> waiting = new ArrayList<>();

    /** The links with units in the kernel, in the order in which they have their turns. */
    private final Deque<Link> buffered = new ArrayDeque<>();

    private boolean sending;
    private long turns;

    Uploader(Simulation sim, double up) {
      this.sim = sim;
      this.up = up;
    }

    void ask(Link link, int piece, int units) {
      for (Request request : link.queue) {
        if (request.piece == piece) {
          request.units |= units;
          pump();
          return;
        }
      }
      link.queue.add(new Request(piece, units, link.latest != piece));
      link.queued |= 1L << piece;
      if (link.place < 0) {
        link.place = waiting.size();
        waiting.add(link);
      }
      pump();
    }

    void cancel(Link link, int piece, int units) {
      for (Request request : link.queue) {
        if (request.piece == piece) {
          request.units &= ~units;
          if (request.units == 0) {
            dequeue(link, request);
          }
          break;
        }
      }
      pump();
    }

    private void dequeue(Link link, Request done) {
      link.queue.remove(done);
      link.queued = 0;
      for (Request request : link.queue) {
        link.queued |= 1L << request.piece;
      }
      if (link.queue.isEmpty()) {
        Link last = waiting.remove(waiting.size() - 1);
        if (last != link) {
          last.place = link.place;
          waiting.set(last.place, last);
        }
        link.place = -1;
      }
    }

    /** Hands over what may be sent now: to an idle line, or to a kernel that takes it. */
    void pump() {
      while (!dead && (isBuffered() || !sending)) {
        Link link = choose();
        if (link == null) {
          return;
        }
        handOver(link, offered(link));
      }
    }

    private void handOver(Link link, Request request) {
      int unit = Integer.numberOfTrailingZeros(request.units);
      request.units &= request.units - 1;
      request.fresh = false;
      link.latest = request.piece;
      link.turn = ++turns;
      link.inPipe++;
      sent += UNIT;
      sending(link, request);
      if (request.units == 0) {
        dequeue(link, request);
      }
      if (link.buffer.isEmpty()) {
        buffered.add(link);
      }
      link.buffer.add(() -> left(link, request.piece, unit));
      transmit();
    }

    /** One unit of each receiver in turn. */
    private void transmit() {
      if (sending || dead || buffered.isEmpty()) {
        return;
      }
      sending = true;
      Link link = buffered.remove();
      sim.after(UNIT / up, link.buffer.remove());
      if (!link.buffer.isEmpty()) {
        buffered.add(link);
      }
    }

    private void left(Link link, int piece, int unit) {
      sending = false;
      Edge receiver = link.receiver;
      receiver.lineFree = Math.max(sim.now, receiver.lineFree) + UNIT / receiver.up;
      double delay = receiver.lineFree - sim.now + sim.scenario.latency;
      sim.after(delay, () -> arrive(link, piece, unit));
      transmit();
      pump();
    }

    private void arrive(Link link, int piece, int unit) {
      if (link.receiver.dead || dead) {
        return; // and the pipe stays full
      }
      link.inPipe--;
      drained(link, piece);
      pump();
      link.receiver.receive(link, piece, unit);
    }

    /** Of those whose pipe has room, the one to send to next; null if there is none. */
    abstract Link choose();

    /** Whether a kernel takes units before the line is idle. */
    boolean isBuffered() {
      return false;
    }

    boolean hasRoom(Link link) {
      return link.inPipe < sim.rules.pipe;
    }

    /** What may be sent to a receiver now, as it asked; null if there is nothing. */
    Request offered(Link link) {
      return link.queue.get(0);
    }

    void sending(Link link, Request request) {}

    void drained(Link link, int piece) {}
  }

  /** A piece under way from the root to one edge. */
  private static final class Hold {
    final Link link;
    final int piece;

    /** When a unit was last sent or drained. */
    double progress;

    int unitsDrained;
    boolean allSent;

    /** How long its receiver's pipe was full: the root could have sent, the line could not. */
    double blocked;

    /** Since when it is; negative if it isn't. */
    double fullSince = -1;

    Hold(Link link, int piece) {
      this.link = link;
      this.piece = piece;
    }
  }

  /**
   * The publisher. Sends a piece to one edge to the end before it begins it to another, which by
   * then can mostly have it from the first.
   */
  static final class Root extends Uploader {
    /** By piece; the latest, so that one waiter is released at a time. */
    private final Hold[] holds;

    /** When HAVEs came, by edge and piece; NaN if one hasn't. */
    private final double[][] had;

    /** When anyone's HAVE of a piece came last. */
    private final double[] lastHad;

    Root(Simulation sim, double up) {
      super(sim, up);
      holds = new Hold[sim.scenario.pieces];
      lastHad = new double[holds.length];
      had = new double[sim.scenario.lines.length][holds.length];
      for (double[] each : had) {
        Arrays.fill(each, Double.NaN);
      }
    }

    private boolean isHeld(int piece) {
      Hold hold = holds[piece];
      if (hold == null) {
        return false;
      }
      Rules rules = sim.rules;
      double haveAt = had[hold.link.receiver.number][piece];
      if (!Double.isNaN(haveAt)) {
        double prolonged = Math.min(lastHad[piece], haveAt + rules.spreading);
        return sim.now - Math.max(haveAt, prolonged) < rules.cancelGrace;
      }
      if (hold.allSent && hold.link.inPipe == 0) {
        return sim.now - hold.progress < rules.haveWait;
      }
      return sim.now - hold.progress < rules.stall && !isTooSlow(hold);
    }

    /** Time in which the root sent to others doesn't count: a busy root must not end its holds. */
    private boolean isTooSlow(Hold hold) {
      // One unit tells nothing: it may have waited for pieces that were under way before.
      if (sim.rules.slowPiece == 0 || hold.unitsDrained < 2) {
        return false;
      }
      double blocked = hold.blocked + (hold.fullSince < 0 ? 0 : sim.now - hold.fullSince);
      return blocked / hold.unitsDrained * (UNITS - hold.unitsDrained) > sim.rules.slowPiece;
    }

    /** Pieces that were begun first, then the earliest: readers that ask at once wait for it. */
    @Override
    Link choose() {
      long free = 0;
      for (int piece = 0; piece < holds.length; piece++) {
        free |= isHeld(piece) ? 0 : 1L << piece;
      }
      Link best = null;
      Request first = null;
      int ties = 1;
      for (Link link : waiting) {
        if (!hasRoom(link) || (link.queued & (free | link.holding)) == 0) {
          continue;
        }
        Request request = offered(link);
        int order = request == null ? 1 : first == null ? -1 : compare(request, first);
        if (order < 0 || (order == 0 && sim.random.nextInt(++ties) == 0)) {
          ties = order < 0 ? 1 : ties;
          best = link;
          first = request;
        }
      }
      return best;
    }

    private int compare(Request request, Request first) {
      return sim.rules.earliest != 0
          ? request.compareTo(first)
          : Boolean.compare(request.fresh, first.fresh);
    }

    @Override
    Request offered(Link link) {
      for (Request request : link.queue) {
        Hold hold = holds[request.piece];
        if ((hold != null && hold.link == link) || !isHeld(request.piece)) {
          return request;
        }
      }
      return null;
    }

    @Override
    void sending(Link link, Request request) {
      Hold hold = holds[request.piece];
      if (hold == null || hold.link != link) {
        hold = holds[request.piece] = new Hold(link, request.piece);
        link.holding |= 1L << request.piece;
      }
      hold.progress = sim.now;
      if (!hasRoom(link)) {
        hold.fullSince = sim.now;
      }
      hold.allSent = request.units == 0;
    }

    @Override
    void drained(Link link, int piece) {
      Hold hold = holds[piece];
      if (hold != null && hold.link == link) {
        hold.progress = sim.now;
        hold.unitsDrained++;
        if (hold.fullSince >= 0) {
          hold.blocked += sim.now - hold.fullSince;
          hold.fullSince = -1;
        }
      }
    }

    void has(Edge edge, int piece) {
      had[edge.number][piece] = sim.now;
      lastHad[piece] = sim.now;
    }
  }

  /** A piece as an edge gets it; units are bits. */
  private static final class Piece {
    final int index;
    int here;

    /** Of whom each unit is asked that is neither here nor free, and since when. */
    final Link[] askedOf = new Link[UNITS];

    final double[] askedAt = new double[UNITS];
    int free = ALL;

    /** The links to edges that have it, in the order of their HAVEs; none once it is complete. */
    List<Link> owners = new ArrayList<>();

    Piece(int index) {
      this.index = index;
    }

    boolean isComplete() {
      return here == ALL;
    }

    int asked() {
      return ALL & ~here & ~free;
    }
  }

  /**
   * Reads from byte 0, and serves what it has, by default block by block in turn, holding nothing.
   */
  static final class Edge extends Uploader {
    final int number;
    boolean warm;
    double lineFree;
    double begun;
    double finish = Double.POSITIVE_INFINITY;
    double longestGap;
    long twice;

    /** To the other edges that this one knows. */
    final Map<Edge, Link> links = new LinkedHashMap<>();

    /** To the publishers, in the order in which they are asked. */
    private final List<Link> toRoots = new ArrayList<>();

    /** Of each peer, its link to this edge. */
    private final List<Link> receivers = new ArrayList<>();

    /** The receivers that have a slot. */
    private final List<Link> slots = new ArrayList<>();

    private final Piece[] pieces;
    private final BitSet announced = new BitSet();

    /** Links that something is asked of, and some of which it was. */
    private final List<Link> busy = new ArrayList<>();

    private int share;
    private double advanced;
    private int position;

    /** Most wanted first. */
    private List<Piece> wanted = List.of();

    Edge(Simulation sim, int number, double line) {
      super(sim, line);
      this.number = number;
      sim.roots.forEach(root -> toRoots.add(new Link(root, this)));
      Collections.shuffle(toRoots, sim.random);
      pieces = IntStream.range(0, sim.scenario.pieces).mapToObj(Piece::new).toArray(Piece[]::new);
    }

    void connect(Edge other) {
      links.putIfAbsent(other, new Link(other, this));
    }

    /** All connections are there. */
    void settle() {
      for (Edge edge : links.keySet()) {
        receivers.add(edge.links.get(this));
        share += edge.number < number ? 1 : 0;
      }
    }

    /** Has the file, and all who know this edge know that. */
    void warm() {
      warm = true;
      position = pieces.length;
      finish = 0;
      sim.unfinished--;
      for (Piece piece : pieces) {
        piece.here = ALL;
        piece.free = 0;
        piece.owners = List.of();
        announced.set(piece.index);
        for (Link link : receivers) {
          Piece theirs = link.receiver.pieces[piece.index];
          if (!theirs.isComplete()) {
            theirs.owners.add(link);
          }
        }
      }
    }

    void begin() {
      begun = advanced = sim.now;
      plan();
    }

    void die() {
      dead = true;
      sim.unfinished -= finish < Double.POSITIVE_INFINITY ? 0 : 1;
    }

    @Override
    Link choose() {
      boolean full = sim.rules.slots > 0 && freeSlots() <= 0;
      Link best = null;
      int ties = 1;
      for (Link link : waiting) {
        if (!hasRoom(link) || (full && link.slot < 0)) {
          continue;
        }
        int order = best == null ? -1 : compare(link, best);
        if (order < 0 || (order == 0 && sim.random.nextInt(++ties) == 0)) {
          ties = order < 0 ? 1 : ties;
          best = link;
        }
      }
      return best;
    }

    private int compare(Link link, Link best) {
      return sim.rules.slots == 0
          ? Long.compare(link.turn, best.turn)
          : offered(link).compareTo(offered(best));
    }

    @Override
    Request offered(Link link) {
      return sim.rules.slots == 0 ? super.offered(link) : Collections.min(link.queue);
    }

    @Override
    boolean isBuffered() {
      return sim.rules.buffer > 0;
    }

    @Override
    boolean hasRoom(Link link) {
      return isBuffered() ? link.inPipe < sim.rules.buffer : super.hasRoom(link);
    }

    /** How many slots are free once those are that a receiver makes no use of. */
    private int freeSlots() {
      slots.removeIf(
          link -> {
            double quiet = sim.now - link.progress;
            boolean idle =
                link.inPipe == 0 && link.queue.stream().allMatch(r -> r.piece != link.slot);
            boolean ends = quiet > (idle ? sim.rules.slotIdle : sim.rules.slotStall);
            link.slot = ends ? -1 : link.slot;
            return ends;
          });
      return sim.rules.slots - (int) slots.stream().filter(this::hasRoom).count();
    }

    @Override
    void sending(Link link, Request request) {
      link.progress = sim.now;
      if (sim.rules.slots > 0 && link.slot < 0) {
        link.slot = request.piece;
        slots.add(link);
      }
    }

    @Override
    void drained(Link link, int piece) {
      link.progress = sim.now;
    }

    /** A receiver has a piece, and needs its slot no longer. */
    private void freeSlot(Link link, int piece) {
      if (link.slot == piece) {
        link.slot = -1;
        slots.remove(link);
        pump();
      }
    }

    // The requester.

    /** Wants the piece the reader is at, then its window, this edge's own stripe of it first. */
    private void plan() {
      if (dead || position == pieces.length) {
        return;
      }
      int end = Math.min(pieces.length, position + sim.rules.window);
      int nodes = links.size() + 1;
      List<Piece> stripe = new ArrayList<>();
      List<Piece> others = new ArrayList<>();
      for (int i = position; i < end; i++) {
        if (!pieces[i].isComplete()) {
          boolean first = i == position || Math.floorMod(i - share, nodes) == 0;
          (first ? stripe : others).add(pieces[i]);
        }
      }
      stripe.addAll(others);
      wanted = stripe;
      for (Piece piece : wanted) {
        for (int i = 0; piece.free != 0 && i < piece.owners.size(); i++) {
          refill(piece.owners.get(i));
        }
      }
      toRoots.forEach(this::refill);
    }

    /** Asks an edge for the units that are kept under way; the root for all that no edge has. */
    private void refill(Link link) {
      if (dead || shuns(link)) {
        return;
      }
      boolean root = isRoot(link);
      int room = root ? UNITS * sim.rules.window : sim.rules.depth - link.asked;
      for (Piece piece : wanted) {
        if (room <= 0) {
          return;
        }
        if (piece.free != 0 && (root ? !isElsewhere(piece) : has(link, piece))) {
          int units = first(piece.free, room);
          room -= Integer.bitCount(units);
          ask(link, piece, units);
        }
      }
      if (room > 0
          && !wanted.isEmpty()
          && (root ? sim.rules.lateRoot != 0 : has(link, wanted.get(0)))) {
        askLate(link, wanted.get(0), room);
      }
    }

    private static int first(int units, int count) {
      int rest = units;
      for (int left = count; left > 0 && rest != 0; left--) {
        rest &= rest - 1;
      }
      return units & ~rest;
    }

    private static boolean has(Link link, Piece piece) {
      return ((Edge) link.source).announced.get(piece.index);
    }

    private boolean isElsewhere(Piece piece) {
      for (Link owner : piece.owners) {
        if (!shuns(owner)) {
          return true;
        }
      }
      return false;
    }

    /** What the reader waits for and another source is late with, or this one were quicker with. */
    private void askLate(Link link, Piece piece, int room) {
      double quick = 2 * patience(link);
      int late = 0;
      for (int asked = piece.asked(); asked != 0 && room > 0; asked &= asked - 1) {
        int unit = Integer.numberOfTrailingZeros(asked);
        Link other = piece.askedOf[unit];
        if (other != link && sim.now - piece.askedAt[unit] > Math.min(patience(other), quick)) {
          late |= 1 << unit;
          room--;
        }
      }
      if (late != 0) {
        withdraw(piece, late);
        ask(link, piece, late);
      }
    }

    private static boolean isRoot(Link link) {
      return link.source instanceof Root;
    }

    private double patience(Link link) {
      return Math.max(sim.rules.late, link.answer + 4 * link.deviation);
    }

    private boolean shuns(Link link) {
      return link.shunnedUntil > sim.now;
    }

    private void ask(Link link, Piece piece, int units) {
      for (int left = units; left != 0; left &= left - 1) {
        int unit = Integer.numberOfTrailingZeros(left);
        piece.askedOf[unit] = link;
        piece.askedAt[unit] = sim.now;
      }
      piece.free &= ~units;
      if (link.asked == 0) {
        link.since = sim.now;
      }
      if (!link.busy) {
        link.busy = true;
        busy.add(link);
      }
      link.asked += Integer.bitCount(units);
      sim.tell(() -> link.source.ask(link, piece.index, units));
    }

    /** Cancels units that were asked of whomever; they are free then. */
    private void withdraw(Piece piece, int units) {
      for (int left = units; left != 0; ) {
        Link link = piece.askedOf[Integer.numberOfTrailingZeros(left)];
        int theirs = asked(piece, link) & left;
        left &= ~theirs;
        link.asked -= Integer.bitCount(theirs);
        sim.tell(() -> link.source.cancel(link, piece.index, theirs));
      }
      piece.free |= units;
    }

    /** The units that a source is asked of a piece. */
    private static int asked(Piece piece, Link link) {
      int units = 0;
      for (int asked = piece.asked(); asked != 0; asked &= asked - 1) {
        int unit = Integer.numberOfTrailingZeros(asked);
        units |= piece.askedOf[unit] == link ? 1 << unit : 0;
      }
      return units;
    }

    void receive(Link link, int index, int unit) {
      Piece piece = pieces[index];
      int bit = 1 << unit;
      boolean awaited = (piece.asked() & bit) != 0;
      if (awaited && piece.askedOf[unit] == link) {
        link.asked--;
        link.answered(piece.askedAt[unit], sim.now);
      } else if (awaited) {
        withdraw(piece, bit);
      }
      link.last = sim.now;
      if ((piece.here & bit) != 0) {
        twice += UNIT;
      } else {
        piece.here |= bit;
        piece.free &= ~bit;
        if (piece.isComplete()) {
          complete(piece);
        }
      }
      refill(link);
    }

    private void complete(Piece piece) {
      piece.owners = List.of();
      sim.tell(() -> sim.roots.forEach(root -> root.has(this, piece.index)));
      sim.tell(() -> announce(piece.index));
      while (position < pieces.length && pieces[position].isComplete()) {
        position++;
        longestGap = Math.max(longestGap, sim.now - advanced);
        advanced = sim.now;
      }
      if (position == pieces.length) {
        finish = sim.now;
        wanted = List.of();
        sim.unfinished--;
      }
      plan();
    }

    private void announce(int piece) {
      announced.set(piece);
      for (Link link : receivers) {
        link.receiver.learn(link, piece);
      }
    }

    /** On a HAVE: what was asked of the root, and hasn't begun to come, is asked of that edge. */
    private void learn(Link link, int index) {
      freeSlot(((Edge) link.source).links.get(this), index);
      Piece piece = pieces[index];
      if (piece.isComplete()) {
        return;
      }
      piece.owners.add(link);
      if (dead || shuns(link)) {
        return;
      }
      if (piece.here == 0) {
        toRoots.forEach(root -> withdraw(piece, asked(piece, root)));
      }
      refill(link);
    }

    /** Passes over who is silent, and looks for what is late. */
    void tick() {
      if (dead || wanted.isEmpty()) {
        return;
      }
      for (int i = busy.size() - 1; i >= 0; i--) {
        Link link = busy.get(i);
        if (link.asked == 0) {
          busy.set(i, busy.get(busy.size() - 1));
          busy.remove(busy.size() - 1);
          link.busy = false;
        } else if (!isRoot(link) && isSilent(link)) {
          link.shunnedUntil = sim.now + sim.rules.passedOver;
          for (Piece piece : wanted) {
            withdraw(piece, asked(piece, link));
          }
          plan();
          return;
        }
      }
      Piece first = wanted.get(0);
      if (isLate(first) || wanted.stream().anyMatch(piece -> piece.free != 0)) {
        for (int i = 0; i < first.owners.size(); i++) {
          refill(first.owners.get(i));
        }
        toRoots.forEach(this::refill);
      }
    }

    private boolean isSilent(Link link) {
      double least = Math.max(sim.rules.silence, sim.rules.silenceGaps * link.gap);
      return !shuns(link) && sim.now - Math.max(link.since, link.last) > least;
    }

    /** Whether any unit of a piece has been waited for so long that it may be late. */
    private boolean isLate(Piece piece) {
      for (int asked = piece.asked(); asked != 0; asked &= asked - 1) {
        int unit = Integer.numberOfTrailingZeros(asked);
        if (sim.now - piece.askedAt[unit] > sim.rules.late) {
          return true;
        }
      }
      return false;
    }
  }

  private record Result(
      double copies, double mean, double fastest, double gap, double fastestGap, double twice) {
    static Result of(Simulation sim) {
      double size = (double) sim.scenario.pieces * PIECE;
      List<Edge> living = sim.edges.stream().filter(edge -> !edge.dead && !edge.warm).toList();
      ToDoubleFunction<Edge> overIdeal =
          edge -> (edge.finish - edge.begun) / (size / Math.min(sim.scenario.rootUp, edge.up));
      Edge fast = Collections.max(living, Comparator.comparingDouble(edge -> edge.up));
      return new Result(
          sim.roots.stream().mapToLong(root -> root.sent).sum() / size,
          living.stream().mapToDouble(overIdeal).average().orElseThrow(),
          overIdeal.applyAsDouble(fast),
          1000 * living.stream().mapToDouble(edge -> edge.longestGap).max().orElseThrow(),
          1000 * fast.longestGap,
          living.stream().mapToLong(edge -> edge.twice).sum() / size);
    }
  }

  private Onecopy() {}

  public static void main(String[] arguments) throws IllegalAccessException {
    Rules rules = new Rules();
    Setting setting = new Setting();
    List<String> names = new ArrayList<>();
    Deque<String> left = new ArrayDeque<>(List.of(arguments));
    while (!left.isEmpty()) {
      String argument = left.remove();
      if (SCENARIOS.containsKey(argument)) {
        names.add(argument);
      } else if (argument.equals("--help")) {
        help(setting, rules);
        return;
      } else if (!set(setting, argument, left.peek()) && !set(rules, argument, left.peek())) {
        System.err.println(
            argument + ": expected a scenario, or an option and a number; see --help");
        System.exit(2);
      } else {
        left.remove();
      }
    }
    System.out.println(" ".repeat(36) + " copies   mean  fastest    gap ms  (fastest)  twice");
    for (String name : names.isEmpty() ? SCENARIOS.keySet() : names) {
      print(SCENARIOS.get(name).with(setting), rules, setting);
    }
  }

  private static void print(Scenario scenario, Rules rules, Setting setting) {
    List<Result> runs =
        IntStream.rangeClosed(1, setting.seeds)
            .mapToObj(seed -> Result.of(new Simulation(scenario, rules, setting, seed).run()))
            .toList();
    System.out.printf(
        Locale.ROOT,
        "%-36s %6.2f %6.2f %8.2f %9.0f %10.0f %6.3f%n",
        scenario.title,
        mean(runs, Result::copies),
        mean(runs, Result::mean),
        mean(runs, Result::fastest),
        runs.stream().mapToDouble(Result::gap).max().orElseThrow(),
        runs.stream().mapToDouble(Result::fastestGap).max().orElseThrow(),
        mean(runs, Result::twice));
  }

  private static double mean(List<Result> runs, ToDoubleFunction<Result> figure) {
    return runs.stream().mapToDouble(figure).average().orElseThrow();
  }

  /** Sets what an option names; false if it names nothing here, or its value is no number. */
  private static boolean set(Object options, String option, String value)
      throws IllegalAccessException {
    for (Field field : options.getClass().getDeclaredFields()) {
      if (!option.equals(option(field)) || value == null) {
        continue;
      }
      try {
        if (field.getType() == int.class) {
          field.setInt(options, Integer.parseInt(value));
        } else {
          field.setDouble(options, Double.parseDouble(value));
        }
        return true;
      } catch (NumberFormatException e) {
        return false;
      }
    }
    return false;
  }

  private static String option(Field field) {
    return "--" + field.getName().replaceAll("[A-Z]", "-$0").toLowerCase(Locale.ROOT);
  }

  private static void help(Object... options) throws IllegalAccessException {
    System.out.println("java Onecopy.java [SCENARIO...] [--OPTION VALUE]...");
    SCENARIOS.forEach((name, scenario) -> System.out.printf("  %-18s %s%n", name, scenario.title));
    for (Object each : options) {
      for (Field field : each.getClass().getDeclaredFields()) {
        System.out.printf("  %-18s (%s)%n", option(field), field.get(each));
      }
    }
  }
}
