package io.swarmgate.test.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a client and a server of this machine. It can keep connections waiting, as a
 * network that has stopped carrying anything, and end one in the middle of a response.
 */
public final class TcpRelay implements AutoCloseable {
  private static final int BUFFER = 64 << 10;

  private final ServerSocket listener;
  private final int target;
  private final CountDownLatch open;
  private final AtomicLong cutAfter = new AtomicLong(Long.MAX_VALUE);
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private TcpRelay(int target, boolean open) throws IOException {
    this.target = target;
    this.open = new CountDownLatch(open ? 0 : 1);
    this.listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    run("accept", this::acceptAll);
  }

  /** Carries everything to a port of this machine. */
  public static TcpRelay to(int target) throws IOException {
    return new TcpRelay(target, true);
  }

  /** Accepts connections, but carries nothing until it is opened. */
  public static TcpRelay shutTo(int target) throws IOException {
    return new TcpRelay(target, false);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Carries on, also what has been waiting. */
  public void open() {
    open.countDown();
  }

  /** Ends the first connection, as its server would, that has carried so many bytes back. */
  public void cutOnceAfter(long bytes) {
    cutAfter.set(bytes);
  }

  private void acceptAll() throws IOException {
    while (true) {
      Socket client = keep(listener.accept());
      run("up", () -> carry(client));
    }
  }

  private void carry(Socket client) throws IOException {
    try {
      open.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    Socket server = keep(new Socket(InetAddress.getByName("127.0.0.1"), target));
    run("down", () -> carryBack(server, client));
    try {
      client.getInputStream().transferTo(server.getOutputStream());
    } finally {
      server.shutdownOutput();
    }
  }

  private void carryBack(Socket server, Socket client) throws IOException {
    try (server;
        client) {
      InputStream in = server.getInputStream();
      OutputStream out = client.getOutputStream();
      byte[] buffer = new byte[BUFFER];
      long carried = 0;
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        out.write(buffer, 0, read);
        carried += read;
        long limit = cutAfter.get();
        if (carried >= limit && cutAfter.compareAndSet(limit, Long.MAX_VALUE)) {
          return;
        }
      }
    } finally {
      sockets.remove(server);
      sockets.remove(client);
    }
  }

  /** Remembers a socket until this is closed, or closes it if it is. */
  private Socket keep(Socket socket) throws IOException {
    sockets.add(socket);
    if (closed) {
      socket.close();
    }
    return socket;
  }

  private interface Task {
    void run() throws IOException;
  }

  /** A connection that breaks is what ends a thread here. */
  private static void run(String name, Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // Nobody is left to carry for.
              }
            },
            "relay-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    listener.close();
    open.countDown();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
