package io.swarmgate.backend.swarm;

import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A peer on plain sockets, in plaintext, that does with requests what a test says: it may be
 * silent, choke, be slow, lie or vanish. A thread for each connection reads what it is told; all of
 * that is kept.
 */
final class ScriptedPeer implements AutoCloseable {
  /** A block as requests name it. */
  record Block(int piece, int offset, int length) {}

  /** What it does; called on the connection's thread. */
  @FunctionalInterface
  interface Script {
    /** It is asked for a block. */
    void requested(Connection by, Block block) throws IOException;

    /** Both handshakes are done. Unless told otherwise, it has everything, for everyone. */
    default void connected(Connection to) throws IOException {
      to.sayAll();
      to.unchoke();
    }
  }

  private final Metainfo metainfo;
  private final byte[] content;
  private final Script script;
  private final PeerId id = PeerId.random();
  private final ServerSocket server;
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private final AtomicInteger refusals = new AtomicInteger();
  private final List<Block> requests = new CopyOnWriteArrayList<>();
  private final List<Block> cancels = new CopyOnWriteArrayList<>();
  private final List<Block> sent = new CopyOnWriteArrayList<>();

  /**
   * @param content what it sends, right or wrong
   */
  ScriptedPeer(Metainfo metainfo, byte[] content, Script script) throws IOException {
    this.metainfo = metainfo;
    this.content = content;
    this.script = script;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "test-peer");
    thread.setDaemon(true);
    thread.start();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  /** Connects to an engine, instead of waiting until it connects. */
  void dial(InetSocketAddress engine) throws IOException {
    begin(new Socket(engine.getAddress(), engine.getPort()));
  }

  /** Connects to an engine from a certain address of this machine's. */
  void dial(InetSocketAddress engine, InetAddress from) throws IOException {
    begin(new Socket(engine.getAddress(), engine.getPort(), from, 0));
  }

  /** Every connection so far on which both handshakes were said, the oldest first. */
  List<Connection> connections() {
    return connections;
  }

  /** How many connections ended before the engine's handshake came. */
  int refusals() {
    return refusals.get();
  }

  List<Block> requests() {
    return requests;
  }

  List<Block> cancels() {
    return cancels;
  }

  List<Block> sent() {
    return sent;
  }

  /** Lets nobody connect any more. */
  void stopListening() throws IOException {
    server.close();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        begin(server.accept());
      } catch (IOException e) {
        // The next one, if the test still runs.
      }
    }
  }

  private void begin(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    Connection connection = new Connection(socket);
    start(connection::run);
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Connection connection : connections) {
        connection.hangUp();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One connection. Thread-safe. */
  final class Connection {
    private final Socket socket;

    Connection(Socket socket) {
      this.socket = socket;
    }

    private void run() {
      try (socket) {
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        if (!shakeHands(in)) {
          refusals.incrementAndGet();
          return;
        }
        connections.add(this);
        script.connected(this);
        while (true) {
          read(in);
        }
      } catch (IOException e) {
        // The engine has hung up, or the script has.
      }
    }

    private boolean shakeHands(DataInputStream in) {
      try {
        send(new Handshake(metainfo.infoHash(), id, false).encode());
        return in.readNBytes(Handshake.SIZE).length == Handshake.SIZE;
      } catch (IOException e) {
        return false;
      }
    }

    private void read(DataInputStream in) throws IOException {
      byte[] message = new byte[in.readInt()];
      in.readFully(message);
      if (message.length != 13) {
        return;
      }
      ByteBuffer fields = ByteBuffer.wrap(message);
      byte kind = fields.get();
      Block block = new Block(fields.getInt(), fields.getInt(), fields.getInt());
      if (kind == Wire.REQUEST) {
        requests.add(block);
        script.requested(this, block);
      } else if (kind == Wire.CANCEL) {
        cancels.add(block);
      }
    }

    synchronized void send(ByteBuffer message) throws IOException {
      socket.getOutputStream().write(message.array(), 0, message.limit());
    }

    /** Says that it has all pieces, as a seed does. */
    void sayAll() throws IOException {
      BitSet all = new BitSet();
      all.set(0, metainfo.layout().pieceCount());
      send(Wire.bitfield(all, metainfo.layout()));
    }

    void have(int piece) throws IOException {
      send(Wire.have(piece));
    }

    void choke() throws IOException {
      send(Wire.message(Wire.CHOKE));
    }

    void unchoke() throws IOException {
      send(Wire.message(Wire.UNCHOKE));
    }

    void send(Block block) throws IOException {
      send(message(block));
    }

    /** Sends a block at its own pace: so many bytes, then a pause, and so on. */
    void send(Block block, int bytes, Duration pause) throws IOException {
      byte[] message = message(block).array();
      try {
        for (int at = 0; at < message.length; at += bytes) {
          Thread.sleep(pause.toMillis());
          int end = Math.min(message.length, at + bytes);
          send(ByteBuffer.wrap(Arrays.copyOfRange(message, at, end)));
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    private ByteBuffer message(Block block) {
      PieceLayout layout = metainfo.layout();
      ByteBuffer message = ByteBuffer.allocate(Wire.PIECE_HEADER + block.length);
      Wire.putPieceHeader(message, block.piece, block.offset, block.length);
      message.put(content, (int) layout.start(block.piece) + block.offset, block.length);
      sent.add(block);
      return message.flip();
    }

    /** Closes the connection. */
    void hangUp() throws IOException {
      socket.close();
    }

    /** Closes the connection as a process does that dies with bytes unread: by a reset. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }
}
