package io.swarmgate.filter.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.swarmgate.backend.content.Field;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** An HTTP/1.1 client over a bare socket, which tells a short body from a whole one. */
public final class RawClient implements AutoCloseable {
  /** Longer than any wait of a server's own. */
  private static final int TIMEOUT_MILLIS = 40_000;

  private final Socket socket;
  private final InputStream in;

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  public static RawClient connect(int port) throws IOException {
    return connect(port, 0);
  }

  /**
   * Connects to the loopback address.
   *
   * @param receiveBuffer bytes, so that an idle reader is noticed soon; 0 for the system's
   */
  public static RawClient connect(int port, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return new RawClient(socket);
  }

  /** Connects over TLS, without a word of other protocols than HTTP/1.1. */
  public static RawClient connectTls(int port, SSLContext context) throws IOException {
    Socket socket = context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return new RawClient(socket);
  }

  /** One request on a connection of its own. */
  public static RawResponse exchange(int port, String method, String path, List<Field> fields)
      throws IOException {
    try (RawClient client = connect(port)) {
      client.send(method, path, fields);
      return client.receive(method);
    }
  }

  public void send(String method, String path, List<Field> fields) throws IOException {
    send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n", fields);
  }

  /**
   * Sends a GET as HTTP/1.0 knows it: without a Host, and unless it asks for more, the connection
   * ends with the response.
   */
  public void sendOld(String path, List<Field> fields) throws IOException {
    send("GET " + path + " HTTP/1.0\r\n", fields);
  }

  private void send(String begin, List<Field> fields) throws IOException {
    StringBuilder head = new StringBuilder(begin);
    fields.forEach(field -> head.append(field.name() + ": " + field.value() + "\r\n"));
    socket.getOutputStream().write(head.append("\r\n").toString().getBytes(ISO_8859_1));
  }

  /** Reads a response. A body that ends early is not an error, but isn't whole. */
  public RawResponse receive(String method) throws IOException {
    int status = Integer.parseInt(line().split(" ", 3)[1]);
    List<Field> fields = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      fields.add(new Field(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    RawResponse head = new RawResponse(status, fields, new byte[0], true);
    if (method.equals("HEAD") || status == 304) {
      return head;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean whole;
    try {
      whole = head.value("Transfer-Encoding") != null ? readEncoded(body) : read(body, head);
    } catch (EOFException | SocketException | SSLException e) {
      whole = false;
    }
    return new RawResponse(status, fields, body.toByteArray(), whole);
  }

  /** Reads so many bytes, of a body that has begun. */
  public byte[] receiveMore(int count) throws IOException {
    return in.readNBytes(count);
  }

  /** Reads a head, and so many bytes of the body of which more may follow. */
  public byte[] receiveBeginning(int count) throws IOException {
    String line;
    do {
      line = line();
    } while (!line.isEmpty());
    return in.readNBytes(count);
  }

  /** Whether the server has nothing more to say and closes the connection. */
  public boolean isClosedByServer() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException e) {
      return true;
    }
  }

  private boolean readEncoded(ByteArrayOutputStream body) throws IOException {
    while (true) {
      int size = Integer.parseInt(line(), 16);
      if (!read(body, size)) {
        return false;
      }
      line();
      if (size == 0) {
        return true;
      }
    }
  }

  private boolean read(ByteArrayOutputStream body, RawResponse head) throws IOException {
    String length = head.value("Content-Length");
    if (length == null) {
      in.transferTo(body);
      return true;
    }
    return read(body, Long.parseLong(length));
  }

  private boolean read(ByteArrayOutputStream body, long count) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long left = count;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (read < 0) {
        return false;
      }
      body.write(buffer, 0, read);
      left -= read;
    }
    return true;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("connection closed after: " + line);
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  /** Leaves at once, with a reset. */
  public void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
