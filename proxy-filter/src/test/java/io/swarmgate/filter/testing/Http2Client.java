package io.swarmgate.filter.testing;

import io.swarmgate.backend.content.Field;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 client with one connection: in the clear by prior knowledge, which no upgrade's race
 * can make several, or over TLS by ALPN.
 */
public final class Http2Client implements AutoCloseable {
  private static final int SECONDS = 60;

  private final HTTP2Client client = new HTTP2Client();
  private final String scheme;
  private final int port;
  private final Session session;

  private Http2Client(int port, @Nullable TestKeys keys) throws Exception {
    this.port = port;
    this.scheme = keys == null ? "http" : "https";
    // Less than the bodies of tests, so that servers have to wait for both windows.
    client.setInitialStreamRecvWindow(256 << 10);
    client.setInitialSessionRecvWindow(1 << 20);
    client.start();
    InetSocketAddress address = new InetSocketAddress("127.0.0.1", port);
    Session.Listener listener = new Session.Listener() {};
    try {
      if (keys == null) {
        session = client.connect(address, listener).get(SECONDS, TimeUnit.SECONDS);
      } else {
        SslContextFactory.Client tls = new SslContextFactory.Client();
        tls.setSslContext(keys.client());
        client.addBean(tls, true);
        tls.start();
        session = client.connect(tls, address, listener).get(SECONDS, TimeUnit.SECONDS);
      }
    } catch (Exception e) {
      client.stop();
      throw e;
    }
  }

  /** Connects in the clear. */
  public static Http2Client connect(int port) throws Exception {
    return new Http2Client(port, null);
  }

  /** Connects over TLS; fails if the server doesn't choose HTTP/2. */
  public static Http2Client connectTls(int port, TestKeys keys) throws Exception {
    return new Http2Client(port, keys);
  }

  /** Sends a request whose response is received at once. */
  public Incoming send(String method, String path, List<Field> fields) throws Exception {
    return send(method, path, fields, true);
  }

  /** Sends a request of whose response no more than a window's bytes are received. */
  public Incoming sendAndWait(String method, String path) throws Exception {
    return send(method, path, List.of(), false);
  }

  private Incoming send(String method, String path, List<Field> fields, boolean receive)
      throws Exception {
    HttpFields.Mutable all = HttpFields.build();
    // HTTP/2 has no place for white space around a value (RFC 9113 section 8.2.1).
    fields.forEach(field -> all.add(field.name(), field.value().strip()));
    MetaData.Request request =
        new MetaData.Request(
            method,
            HttpURI.from(scheme + "://127.0.0.1:" + port + path),
            HttpVersion.HTTP_2,
            all.asImmutable());
    Incoming incoming = new Incoming(receive);
    incoming.stream =
        session
            .newStream(new HeadersFrame(request, null, true), incoming)
            .get(SECONDS, TimeUnit.SECONDS);
    return incoming;
  }

  /** Exchanges one request and response. */
  public RawResponse exchange(String method, String path, List<Field> fields) throws Exception {
    return send(method, path, fields).response();
  }

  @Override
  public void close() throws Exception {
    client.stop();
  }

  /** A response as it comes. */
  public static final class Incoming implements Stream.Listener {
    private final boolean receive;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final CompletableFuture<MetaData.Response> head = new CompletableFuture<>();
    private final CompletableFuture<Boolean> whole = new CompletableFuture<>();
    private volatile @Nullable Stream stream;

    private Incoming(boolean receive) {
      this.receive = receive;
    }

    /** The status, once it has come. */
    public int status() throws Exception {
      return head.get(SECONDS, TimeUnit.SECONDS).getStatus();
    }

    /** How many bytes of the body have come. */
    public int received() {
      return body.size();
    }

    /** The response, once it has ended, be it by a reset: then it isn't whole. */
    public RawResponse response() throws Exception {
      boolean ended = whole.get(SECONDS, TimeUnit.SECONDS);
      MetaData.Response response = head.get(SECONDS, TimeUnit.SECONDS);
      List<Field> fields = new ArrayList<>();
      response.getHttpFields().forEach(f -> fields.add(new Field(f.getName(), f.getValue())));
      return new RawResponse(response.getStatus(), fields, body.toByteArray(), ended);
    }

    /** Gives the response up. */
    public void cancel() {
      Stream open = stream;
      if (open != null) {
        open.reset(new ResetFrame(open.getId(), ErrorCode.CANCEL_STREAM_ERROR.code), Callback.NOOP);
      }
    }

    @Override
    public void onHeaders(Stream from, HeadersFrame frame) {
      if (frame.getMetaData() instanceof MetaData.Response response) {
        head.complete(response);
      }
      if (frame.isEndStream()) {
        whole.complete(true);
      } else if (receive) {
        from.demand();
      }
    }

    @Override
    public void onDataAvailable(Stream from) {
      Stream.Data data = from.readData();
      if (data == null) {
        from.demand();
        return;
      }
      boolean last = data.frame().isEndStream();
      body.writeBytes(BufferUtil.toArray(data.frame().getByteBuffer()));
      data.release();
      if (last) {
        whole.complete(true);
      } else {
        from.demand();
      }
    }

    @Override
    public void onReset(Stream from, ResetFrame frame, Callback callback) {
      end();
      callback.succeeded();
    }

    @Override
    public void onFailure(
        Stream from, int error, String reason, Throwable failure, Callback callback) {
      end();
      callback.succeeded();
    }

    private void end() {
      head.completeExceptionally(new IllegalStateException("reset before the head"));
      whole.complete(false);
    }
  }
}
