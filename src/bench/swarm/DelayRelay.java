import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A long link on one machine: relays TCP connections, each byte late by a fixed delay and at most
 * so many bytes a second each way. For machines whose kernel has no netem.
 *
 * <pre>
 * java DelayRelay.java LISTENPORT HOST:PORT DELAYMILLIS BYTESPERSECOND BUFFERBYTES
 * </pre>
 *
 * <p>The delay is one way: a round trip takes two of them. The buffer, of one direction, should
 * hold more than two bandwidth-delay products; when it is full, nothing more is read, as a full
 * router would make the sender slow down. TCP ends at the relay, so the senders' windows see a
 * short link and what is measured is the protocol above: how many requests are on their way. Rate
 * and delay are one connection's, not shared between several.
 *
 * <p>Prints {@code READY}, and ends when its input does.
 */
public final class DelayRelay {
  private static final int SEGMENT = 16 << 10;

  private final Selector selector;
  private final ServerSocketChannel server;
  private final InetSocketAddress target;
  private final long delayNanos;
  private final double bytesPerNano;
  private final int bufferBytes;
  private final List<Direction> directions = new ArrayList<>();

  private DelayRelay(
      int port, InetSocketAddress target, long delayMillis, long bytesPerSecond, int bufferBytes)
      throws IOException {
    this.target = target;
    delayNanos = delayMillis * 1_000_000;
    bytesPerNano = bytesPerSecond / 1e9;
    this.bufferBytes = bufferBytes;
    selector = Selector.open();
    server = ServerSocketChannel.open();
    server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    server.bind(new InetSocketAddress("127.0.0.1", port));
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
  }

  /** Some bytes, and when they come out at the far end. */
  private record Segment(ByteBuffer bytes, long due) {}

  /** One way of one connection. */
  private final class Direction {
    private final SocketChannel from;
    private final SocketChannel to;
    private final ArrayDeque<Segment> underway = new ArrayDeque<>();
    private int buffered;
    private long linkFreeAt;
    private boolean ended;
    private boolean finished;

    Direction(SocketChannel from, SocketChannel to) {
      this.from = from;
      this.to = to;
    }

    boolean mayRead() {
      return !ended && buffered < bufferBytes;
    }

    /** When the first bytes are due; {@code Long.MAX_VALUE} if none are underway. */
    long nextDue() {
      return underway.isEmpty() ? Long.MAX_VALUE : underway.peek().due;
    }

    void read() throws IOException {
      while (mayRead()) {
        ByteBuffer bytes = ByteBuffer.allocate(SEGMENT);
        int count = from.read(bytes);
        if (count < 0) {
          ended = true;
        }
        if (count <= 0) {
          return;
        }
        long now = System.nanoTime();
        linkFreeAt = Math.max(linkFreeAt, now) + (long) (count / bytesPerNano);
        underway.add(new Segment(bytes.flip(), linkFreeAt + delayNanos));
        buffered += count;
      }
    }

    void write(long now) throws IOException {
      while (!underway.isEmpty() && underway.peek().due <= now) {
        ByteBuffer bytes = underway.peek().bytes;
        buffered -= to.write(bytes);
        if (bytes.hasRemaining()) {
          return;
        }
        underway.remove();
      }
      if (ended && underway.isEmpty() && !finished) {
        finished = true;
        to.shutdownOutput();
      }
    }
  }

  private void run() throws IOException {
    while (true) {
      long now = System.nanoTime();
      long due = Long.MAX_VALUE;
      for (Direction direction : List.copyOf(directions)) {
        serve(direction, now);
        due = Math.min(due, direction.nextDue());
      }
      // A due segment whose receiver is full is tried again each millisecond too.
      long wait = due == Long.MAX_VALUE ? 1000 : Math.max(1, (due - now) / 1_000_000);
      selector.select(wait);
      for (SelectionKey key : selector.selectedKeys()) {
        if (key.isValid() && key.isAcceptable()) {
          accept();
        }
      }
      selector.selectedKeys().clear();
    }
  }

  private void serve(Direction direction, long now) {
    try {
      direction.read();
      direction.write(now);
      SelectionKey key = direction.from.keyFor(selector);
      if (key != null && key.isValid()) {
        key.interestOps(direction.mayRead() ? SelectionKey.OP_READ : 0);
      }
    } catch (IOException e) {
      closeQuietly(direction.from);
      closeQuietly(direction.to);
      directions.removeIf(d -> d.from == direction.from || d.to == direction.from);
    }
  }

  private void accept() throws IOException {
    SocketChannel near = server.accept();
    if (near == null) {
      return;
    }
    try {
      SocketChannel far = SocketChannel.open(target);
      for (SocketChannel channel : List.of(near, far)) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.register(selector, SelectionKey.OP_READ);
      }
      directions.add(new Direction(near, far));
      directions.add(new Direction(far, near));
    } catch (IOException e) {
      closeQuietly(near);
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It is broken anyhow, and there is nobody to tell.
    }
  }

  /** So that a relay never outlives the script that started it. */
  private static void endWithInput() {
    Thread watcher =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {}
              } catch (IOException e) {
                // As good as its end.
              }
              System.exit(0);
            });
    watcher.setDaemon(true);
    watcher.start();
  }

  public static void main(String[] args) throws IOException {
    int colon = args[1].lastIndexOf(':');
    InetSocketAddress target =
        new InetSocketAddress(
            args[1].substring(0, colon), Integer.parseInt(args[1].substring(colon + 1)));
    DelayRelay relay =
        new DelayRelay(
            Integer.parseInt(args[0]),
            target,
            Long.parseLong(args[2]),
            Long.parseLong(args[3]),
            Integer.parseInt(args[4]));
    endWithInput();
    System.out.println("READY");
    relay.run();
  }
}
