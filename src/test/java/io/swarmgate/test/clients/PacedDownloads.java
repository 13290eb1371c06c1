package io.swarmgate.test.clients;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Very many downloads by clients that take their time. The thread that calls this reads for all of
 * them, each at a set rate, and compares every byte.
 */
final class PacedDownloads implements AutoCloseable {
  /** Bytes a second for each. */
  private static final int RATE = 64 << 10;

  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final int PER_TURN = (int) (RATE * TURN_NANOS / TimeUnit.SECONDS.toNanos(1));

  private final byte[] content;
  private final Selector selector = Selector.open();
  private final List<Download> downloads = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(PER_TURN);

  PacedDownloads(byte[] content) throws IOException {
    this.content = content;
  }

  private static final class Download {
    private final SocketChannel channel;
    private final StringBuilder head = new StringBuilder();
    private int position;
    private long received;

    Download(SocketChannel channel, int position) {
      this.channel = channel;
      this.position = position;
    }

    boolean inBody() {
      return head.indexOf("\r\n\r\n") >= 0;
    }
  }

  /** Connects and asks for ranges that begin all over the file and end with it. */
  void start(int port, String path, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open();
      // The little that a client which reads slowly should take from the server beforehand.
      channel.setOption(StandardSocketOptions.SO_RCVBUF, 2 * PER_TURN);
      channel.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
      int position = (int) ((long) i * content.length / 2 / count);
      String request =
          "GET %s HTTP/1.1\r\nHost: localhost\r\nRange: bytes=%d-\r\n\r\n"
              .formatted(path, position);
      channel.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
      channel.configureBlocking(false);
      Download download = new Download(channel, position);
      downloads.add(download);
      channel.register(selector, SelectionKey.OP_READ, download);
    }
  }

  /**
   * Reads until every download has got so many bytes of its body.
   *
   * @throws AssertionError if one hasn't after {@code limit}
   */
  void receive(long bytesEach, Duration limit) throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    long turn = System.nanoTime();
    while (downloads.stream().anyMatch(download -> download.received < bytesEach)) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            "%d of %d have got %d bytes"
                .formatted(
                    downloads.stream().filter(each -> each.received >= bytesEach).count(),
                    downloads.size(),
                    bytesEach));
      }
      selector.selectNow();
      for (SelectionKey key : selector.selectedKeys()) {
        read((Download) key.attachment());
      }
      selector.selectedKeys().clear();
      turn += TURN_NANOS;
      LockSupport.parkNanos(turn - System.nanoTime());
    }
  }

  /** Whether any has got anything. */
  boolean anythingReceived() throws IOException {
    return selector.selectNow() > 0;
  }

  private void read(Download download) throws IOException {
    if (download.channel.read(buffer.clear()) < 0) {
      throw new EOFException("ended at " + download.position + "\n" + download.head);
    }
    buffer.flip();
    while (buffer.hasRemaining() && !download.inBody()) {
      download.head.append((char) buffer.get());
      if (download.inBody() && !download.head.toString().startsWith("HTTP/1.1 206 ")) {
        throw new AssertionError(download.head);
      }
    }
    int length = buffer.remaining();
    ByteBuffer expected = ByteBuffer.wrap(content, download.position, length);
    if (!buffer.equals(expected)) {
      throw new AssertionError("wrong bytes after " + download.position);
    }
    download.position += length;
    download.received += length;
  }

  @Override
  public void close() throws IOException {
    selector.close();
    for (Download download : downloads) {
      download.channel.close();
    }
  }
}
